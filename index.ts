import "./program/diagnostic-reports.cjs";
import "./speed/program.cjs";
import "./program/closed-streams.ts";
import { getStack } from "@pulumi/pulumi";
import { askOwnOutputs } from "./program/stack-outputs.ts";

// First, as it takes the engine as long as loading what follows.
askOwnOutputs();
const { BigPeerTopology } = await import("./components/big-peer-topology.ts");

export const { topology, tokens, pending, objects, declared } = new BigPeerTopology(getStack());
