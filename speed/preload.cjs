/**
 * All that makes Pulumi's program fast, in the order in which it has to be there. Pulumi.yaml has Node.js load it before Pulumi's own runner
 * (`nodeargs: --require …`), so that the runner and the SDK are compiled once and loaded in part, too. Without that, the program loads it.
 */
require("./compile-cache.cjs");
// The runner loads this first, and so it must be here: a run with traces instruments gRPC before anything else loads it.
if (process.env.TRACEPARENT) require("@pulumi/pulumi/cmd/run/instrumentation");
require("./load-pulumi.cjs");
require("./load-kubernetes-client.cjs");
require("./stack-traces.cjs");
require("./debug-messages.cjs");
