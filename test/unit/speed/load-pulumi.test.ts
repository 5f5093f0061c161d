import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Runs a script in a process that has loaded Pulumi as the program does. */
async function afterLoading(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await run(
    process.execPath,
    [
      "-e",
      `require(${JSON.stringify(resolve("speed/preload.cjs"))});
     const pulumi = require("@pulumi/pulumi");
     const loaded = (files) => Object.keys(require.cache).some((file) => files.test(file));
     const heavy = () => [/typescript\\/lib/, /spdx/, /execa/, /@opentelemetry\\/(?!api)/].map(loaded).join();
     ${script}`,
    ],
    { env: { ...process.env, ...env } },
  );
  return stdout.trim();
}

test("Pulumi is loaded without the parser of TypeScript, the names of npm's packages, the Automation API and the exporters of traces", async () => {
  const script = `const tracing = require("@pulumi/pulumi/cmd/run/tracing");
    tracing.newSpan("what the runner starts without traces");
    console.log(heavy(), typeof pulumi.ComponentResource);`;
  expect(await afterLoading(script)).toBe("false,false,false,false function");
});

test("a function can be serialised all the same, with the packages that it needs", async () => {
  const script = `const five = 5;
    Promise.all([pulumi.runtime.serializeFunction(() => five + 1), pulumi.runtime.computeCodePaths({})])
      .then(([{ text }, paths]) => console.log(text.includes("five: 5"), paths.size > 0, heavy()));`;
  expect(await afterLoading(script)).toBe("true true true,true,false,false");
});

test("the Automation API is there for a program that imports it, and for one that requires it", async () => {
  const script = `import("@pulumi/pulumi/automation/index.js").then(({ LocalWorkspace, StackNotFoundError }) =>
    console.log(
      LocalWorkspace === pulumi.automation.LocalWorkspace,
      typeof LocalWorkspace.create,
      new StackNotFoundError("it is gone") instanceof pulumi.automation.CommandError,
    ));`;
  expect(await afterLoading(script)).toBe("true function true");
});

test("a run with `--tracing` starts its exporter", async () => {
  const script = `const tracing = require("@pulumi/pulumi/cmd/run/tracing");
    tracing.start("http://127.0.0.1:1/api/v2/spans");
    console.log(tracing.newSpan("a span").isRecording());`;
  expect(await afterLoading(script)).toBe("true");
});

test("a run with traces of OpenTelemetry has its calls of gRPC in them", async () => {
  const script = `console.log("__wrapped" in require("@grpc/grpc-js").Server.prototype.register); process.exit();`;
  const traced = {
    TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
  };
  expect(await afterLoading(script, traced)).toBe("true");
});
