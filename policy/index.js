// Pulumi starts a policy pack with ts-node in place, which type-checks and knows no ES modules. An entry in JavaScript leaves
// the types to Node.
import "../program/diagnostic-reports.cjs";
import "./pack.ts";
