import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Runs a script in a process that has loaded Pulumi as the program does. */
async function afterLoading(script: string): Promise<string> {
  const { stdout } = await run(process.execPath, [
    "-e",
    `require(${JSON.stringify(resolve("speed/load-pulumi.cjs"))});
     const pulumi = require("@pulumi/pulumi");
     const heavy = () => Object.keys(require.cache).filter((file) => /typescript\\/lib/.test(file)).length;
     ${script}`,
  ]);
  return stdout.trim();
}

test("Pulumi is loaded without a TypeScript parser", async () => {
  expect(await afterLoading("console.log(heavy(), typeof pulumi.ComponentResource)")).toBe("0 function");
});

test("a function can be serialised all the same, with the packages that it needs", async () => {
  const script = `const five = 5;
    Promise.all([pulumi.runtime.serializeFunction(() => five + 1), pulumi.runtime.computeCodePaths({})])
      .then(([{ text }, paths]) => console.log(text.includes("five: 5"), paths.size > 0, heavy() > 0));`;
  expect(await afterLoading(script)).toBe("true true true");
});
