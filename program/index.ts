/**
 * The program of a Pulumi project whose topologies are all that it has of its own:
 *
 *     import { program } from "bigpeer-topology/program";
 *     export default () => program(import.meta.dirname);
 */
import "./diagnostic-reports.cjs";
import "../speed/program.cjs";
import type { StackOutputs } from "./stack.ts";
import { askOwnOutputs } from "./stack-outputs.ts";

export type { StackOutputs } from "./stack.ts";

// First, as it takes the engine as long as loading what follows.
const ownOutputs = askOwnOutputs();

/**
 * Deploys the running stack's share of the topology that its configuration names.
 * @param directory the project's folder. @default the one in which the engine runs the program
 * @returns the outputs of the stack
 * @throws RunError with every finding, if the topology has an error; nothing is written then
 */
export async function program(directory: string = process.cwd()): Promise<StackOutputs> {
  const { deploy } = await import("./deploy.ts");
  return deploy(directory, ownOutputs);
}
