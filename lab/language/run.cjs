/**
 * What the lab's language host runs in place of Pulumi's own `cmd/run`, which it then is. The host that can be built is older than the
 * engine: it takes a project's options as flags, and the engine sends them as today's host wants them, by RPC. So
 * `typescript: false` is not heard, and each run would load a compiler for nothing; nor is `nodeargs`, of which this takes what `--require` names.
 */
require("../../program/diagnostic-reports.cjs");
const { existsSync, readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");

const project = join(process.cwd(), "Pulumi.yaml");
const options = existsSync(project) ? readFileSync(project, "utf8") : "";
if (/^ *typescript: *false\s*$/m.test(options)) delete process.env.PULUMI_NODEJS_TYPESCRIPT;
const [, preload] = /^ *nodeargs: *--require +(\S+)\s*$/m.exec(options) ?? [];
if (preload !== undefined) createRequire(project)(preload);
createRequire(project)("@pulumi/pulumi/cmd/run");
