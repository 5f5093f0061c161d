/**
 * Makes stack traces cheap. Pulumi's SDK takes one for each promise, about twenty for each resource, and keeps them as text; and one of any depth for
 * each resource, which the engine writes into the state with it.
 */
const { Resource } = require("@pulumi/pulumi");
const debuggable = require("@pulumi/pulumi/runtime/debuggable");

// The first frames say where.
Error.stackTraceLimit = 4;

// Those of promises are printed with PULUMI_DEBUG_PROMISE_LEAKS alone.
const { debuggablePromise, debugPromiseLeaks } = debuggable;
if (!debugPromiseLeaks)
  debuggable.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };

// Every resource of this program is made in the same few lines: what asks for it is in the topology. In a state they were a fifth of it, and
// they held the paths of the machine that had written it last.
Resource.stackTrace = () => [];
