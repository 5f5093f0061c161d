/**
 * The program for a Pulumi project that has nothing of its own but its topologies:
 *
 *     import { program } from "bigpeer-topology/program";
 *     export default () => program(import.meta.dirname);
 */
import "./diagnostic-reports.cjs";
import "../speed/program.cjs";
import "./closed-streams.ts";
import { getStack } from "@pulumi/pulumi";
import type { BigPeerTopology } from "../components/big-peer-topology.ts";
import { askOwnOutputs } from "./stack-outputs.ts";

/** The outputs that a stack exports, for its next update, for the stacks of other clusters and for the commands of `bigpeer`. */
export type StackOutputs = Pick<BigPeerTopology, "topology" | "tokens" | "pending" | "objects" | "declared">;

// This comes first, since the engine needs as long for its answer as this process needs to load the rest.
askOwnOutputs();

/**
 * Deploys the running stack's share of the topology that its configuration names.
 * @param directory the project's folder; by default, the folder in which the engine runs the program
 * @returns the outputs of the stack
 * @throws RunError with every finding, if the topology has an error; nothing is written then
 */
export async function program(directory: string = process.cwd()): Promise<StackOutputs> {
  const component = await import("../components/big-peer-topology.ts");
  const whole = new component.BigPeerTopology(getStack(), { directory });
  await whole.ready();
  const { topology, tokens, pending, objects, declared } = whole;
  return { topology, tokens, pending, objects, declared };
}
