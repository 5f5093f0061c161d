/**
 * Makes the debug messages of Pulumi's SDK cheap. It sends four for each resource, each with a request of its own that waits for the one before it,
 * and writes the engine's whole answer out as text for one of them; the engine shows them with `--debug` alone.
 */
const log = require("@pulumi/pulumi/log");
const { RegisterResourceResponse } = require("@pulumi/pulumi/proto/resource_pb.js");
const { rpcKeepAlive } = require("@pulumi/pulumi/runtime/settings");

// An answer is a live object, secrets included.
RegisterResourceResponse.prototype.toString = () => "(not shown)";

const { debug } = log;
const together = 50;
let waiting = [];

/** Sends what has been said in the last 50 ms as one message. */
function send(done) {
  const messages = waiting;
  waiting = [];
  debug(messages.join("\n"));
  done();
}

log.debug = (message, ...about) => {
  // What is said of a resource is shown beside it.
  if (about.some((each) => each !== undefined)) return debug(message, ...about);
  // The program does not end before it is sent.
  if (waiting.length === 0) setTimeout(send, together, rpcKeepAlive());
  waiting.push(message);
  return Promise.resolve();
};
