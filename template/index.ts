import { program } from "bigpeer-topology/program";

// The topologies say everything. This gives the running stack's share of its topology to Pulumi.
export default () => program();
