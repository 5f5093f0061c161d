import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** What a script prints in a process that takes stack traces as the program does. */
async function printed(script: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const source = `require(${JSON.stringify(resolve("speed/stack-traces.cjs"))}); ${script}`;
  const { stdout } = await run(process.execPath, ["-e", source], { env: { ...process.env, ...environment } });
  return stdout.trim();
}

/** Prints what the SDK keeps of a promise that it has made, and whether errors have as many frames after that as before. */
const promise = `const { debuggablePromise, promiseDebugString } = require("@pulumi/pulumi/runtime/debuggable");
  const before = Error.stackTraceLimit;
  const made = Promise.resolve(5);
  debuggablePromise(made, "a promise").then((value) => {
    console.log(value, /\\n {4}at /.test(promiseDebugString(made)), Error.stackTraceLimit === before);
  });`;

test("no stack trace is kept of a promise, and errors have theirs as before", async () => {
  expect(await printed(promise)).toBe("5 false true");
});

test("whoever looks for promises that never end has their stack traces", async () => {
  expect(await printed(promise, { PULUMI_DEBUG_PROMISE_LEAKS: "1" })).toBe("5 true true");
});

test("a resource is registered without the lines of this program that have made it", async () => {
  const script = `const pulumi = require("@pulumi/pulumi");
    const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks");
    const { registerResource } = MockMonitor.prototype;
    MockMonitor.prototype.registerResource = function (request, answer) {
      if (request.getName() === "mine")
        console.log(request.getStacktrace()?.getFramesList().length ?? 0, request.getSourceposition()?.getUri() ?? "nowhere");
      return registerResource.call(this, request, answer);
    };
    pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) });
    new pulumi.ComponentResource("test:index:Mine", "mine");`;
  expect(await printed(script)).toBe("0 nowhere");
});

test("what Pulumi's runner loads after the preload maps no stack trace once the program is there", async () => {
  const mapped = "console.log(typeof Error.prepareStackTrace)";
  const runner = `require("./speed/preload.cjs"); require("source-map-support/register"); ${mapped};`;
  expect(await printed(`${runner} require("./speed/program.cjs"); ${mapped}`)).toBe("function\nundefined");
});
