import { program } from "bigpeer-topology/program";

// The topologies declare everything. This passes the running stack's share of its topology to Pulumi.
export default () => program();
