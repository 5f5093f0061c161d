/** All that makes Pulumi's program fast, in the order in which it has to be there. */
require("./compile-cache.cjs");
require("./load-pulumi.cjs");
require("./load-kubernetes-client.cjs");
require("./stack-traces.cjs");
require("./debug-messages.cjs");
