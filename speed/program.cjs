/** All that makes the start of Pulumi's program fast, in the order in which it has to be there. */
require("./compile-cache.cjs");
require("./load-pulumi.cjs");
require("./stack-traces.cjs");
