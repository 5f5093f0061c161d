import "./program/diagnostic-reports.cjs";
import "./speed/program.cjs";
import { askOwnOutputs } from "./program/stack-outputs.ts";

// First, as it takes the engine as long as loading what follows.
const ownOutputs = askOwnOutputs();
const { deploy } = await import("./program/deploy.ts");

export default () => deploy(import.meta.dirname, ownOutputs);
