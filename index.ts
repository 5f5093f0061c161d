import "./program/diagnostic-reports.cjs";
import { program } from "./program/index.ts";

// One BigPeerTopology, of the topology that the stack's configuration names.
export default () => program(import.meta.dirname);
