// Pulumi starts a policy pack with ts-node in place, which type-checks and knows no ES modules. An entry in JavaScript leaves
// the types to Node. An installed package has no sources beside it.
import "../program/diagnostic-reports.cjs";
import { existsSync } from "node:fs";

await import(existsSync(new URL("./pack.ts", import.meta.url)) ? "./pack.ts" : "../dist/policy/pack.js");
