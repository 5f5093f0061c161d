// Pulumi starts a policy pack with ts-node in place, which type-checks and knows no ES modules. An entry in JavaScript, and an
// `import` in place of a `require`, leave the types to Node. An installed package has no sources beside it. Pulumi requires this
// file, so nothing in it may be awaited.
import "../program/diagnostic-reports.cjs";
import { existsSync } from "node:fs";

import(existsSync(new URL("./pack.ts", import.meta.url)) ? "./pack.ts" : "../dist/policy/pack.js");
