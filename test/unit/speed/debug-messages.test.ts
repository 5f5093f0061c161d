import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";

const run = promisify(execFile);
const received = z.array(z.object({ severity: z.number(), message: z.string() }));

/** What an engine receives from a script that runs as the program does, until it has disconnected. */
async function messagesOf(script: string): Promise<z.output<typeof received>> {
  const { stdout } = await run(process.execPath, [
    "-e",
    `require(${JSON.stringify(resolve("speed/debug-messages.cjs"))});
     const { log, runtime } = require("@pulumi/pulumi");
     const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
     const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
     const { RegisterResourceResponse } = require("@pulumi/pulumi/proto/resource_pb.js");
     const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
     const grpc = require("@grpc/grpc-js");
     const received = [];
     const engine = new grpc.Server();
     engine.addService(EngineService, {
       log: ({ request }, answer) => {
         received.push({ severity: request.getSeverity(), message: request.getMessage() });
         answer(null, new Empty());
       },
     });
     engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), async (_, port) => {
       runtime.resetOptions("project", "stack", 1, "127.0.0.1:" + port, "", true, "");
       ${script}
       await runtime.disconnect();
       console.log(JSON.stringify(received));
       engine.forceShutdown();
     });`,
  ]);
  return received.parse(JSON.parse(stdout));
}

test("many debug messages come together, each on a line and in order, before the program ends", async () => {
  const messages = await messagesOf("for (let each = 0; each < 500; each++) log.debug('message ' + each);");
  expect(messages.length).toBeLessThan(5);
  const lines = messages.flatMap(({ message }) => message.split("\n"));
  expect(lines).toEqual(Array.from({ length: 500 }, (_, each) => `message ${each}`));
});

test("what a person is to read comes one by one", async () => {
  const messages = await messagesOf('log.debug("one"); log.info("two"); log.warn("three");');
  expect(messages.filter(({ severity }) => severity > 0).map(({ message }) => message)).toEqual(["two", "three"]);
});

test("the engine's answer, which is a live object, is not written out", async () => {
  const [message] = await messagesOf(`
    const answer = new RegisterResourceResponse();
    answer.setObject(Struct.fromJavaScript({ token: "t0psecret" }));
    log.debug(\`RegisterResource RPC finished: resp: \${answer}\`);`);
  expect(message?.message).toBe("RegisterResource RPC finished: resp: (not shown)");
});
