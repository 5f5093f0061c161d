/**
 * What the lab's language host runs in place of Pulumi's own `cmd/run`, which it then is. The host that can be built is older than the
 * engine: it takes a project's options as flags, and the engine sends them as today's host wants them, by RPC. So
 * `typescript: false` is not heard, and each run would load a compiler for nothing.
 */
require("../../program/diagnostic-reports.cjs");
const { existsSync, readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");

const project = join(process.cwd(), "Pulumi.yaml");
if (existsSync(project) && /^ *typescript: *false\s*$/m.test(readFileSync(project, "utf8")))
  delete process.env.PULUMI_NODEJS_TYPESCRIPT;
createRequire(project)("@pulumi/pulumi/cmd/run");
