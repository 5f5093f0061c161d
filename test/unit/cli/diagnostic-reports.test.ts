import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

const root = join(import.meta.dirname, "../../..");
const passphrase = "correct-horse-battery-staple";

/** Writes what a diagnostic report would say of the environment, as the process ends. */
const probe = `
import { writeFileSync } from "node:fs";
process.on("exit", () => writeFileSync(process.env.REPORT_FILE, JSON.stringify(process.report.getReport())));
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "reports-"));
  writeFileSync(join(directory, "probe.mjs"), probe);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A report on a program that ends at once. */
function reportOf(program: string, ...args: string[]): Promise<string> {
  const file = join(directory, `${program.replaceAll("/", "-")}.json`);
  const options = {
    cwd: root,
    env: { PATH: directory, PULUMI_CONFIG_PASSPHRASE: passphrase, REPORT_FILE: file },
  };
  const command = ["--import", join(directory, "probe.mjs"), program, ...args];
  return new Promise((done) => execFile(process.execPath, command, options, () => done(readFileSync(file, "utf8"))));
}

describe("a diagnostic report does not hold the passphrase that is in the environment", () => {
  test.each([
    ["cli/bigpeer.js", "--help"],
    ["cli/bigpeer.ts", "--help"],
    ["cli/bigpeer.js", "deploy", "--help"],
    ["cli/bigpeer.js", "dev", "--help"],
    ["cli/bigpeer.js", "lab", "--help"],
    ["lab/supervisor.ts"],
    ["bench/run.ts", "--help"],
    ["test/fuzz/run.ts", "--help"],
    ["test/load/run.ts", "--help"],
    ["test/soak/run.ts", "--help"],
    // Without an engine it fails, as late as a crash would.
    ["index.ts"],
  ])("of %s", async (program, ...args) => {
    const report = await reportOf(program, ...args);
    expect(report).toContain('"javascriptHeap"');
    expect(report).not.toContain(passphrase);
  });

  test("which a program that does not ask for it would", async () => {
    writeFileSync(join(directory, "plain.mjs"), "");
    expect(await reportOf(join(directory, "plain.mjs"))).toContain(passphrase);
  });
});

/** Every file of this project that is started as a program of its own: what package.json runs, and what has a marker of an entry. */
function entries(): string[] {
  const { scripts, bin } = z
    .object({ scripts: z.record(z.string(), z.string()), bin: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const run = Object.values(scripts).flatMap((script) => /\bnode (\S+\.[cm]?[jt]s)/.exec(script)?.[1] ?? []);
  const main = /^main: (\S+)/m.exec(readFileSync(join(root, "Pulumi.yaml"), "utf8"))?.[1] ?? "index.ts";
  const folders = ["cli", "lab", "policy", "program", "status", "verify", "bench", "test"];
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.[cm]?[jt]s$/.test(name) && !name.startsWith("dist/"))
      .map((name) => join(folder, name)),
  );
  const started = sources.flatMap((source) => {
    const text = readFileSync(join(root, source), "utf8");
    const forked = [...text.matchAll(/fork\(fileURLToPath\(new URL\("([^"]+)"/g)].map(([, name = ""]) =>
      join(dirname(source), name),
    );
    const isProgram = text.startsWith("#!/usr/bin/env node") || /\/main\.ts$/.test(source);
    return [...forked, ...(isProgram ? [source] : [])];
  });
  const others = ["policy/index.js", "lab/language/run.cjs", "bench/plan-run.ts"];
  return [...new Set([main, ...Object.values(bin), ...run, ...started, ...others])].sort();
}

/** They only write the files that are made from the code, and may be run by whoever has none of the secrets. */
const withoutSecrets = ["scripts/build.ts", "scripts/generate.ts"];

test("every program of this project leaves the environment out before it loads anything else", () => {
  const found = entries().filter((entry) => !withoutSecrets.includes(entry));
  expect(found).toEqual(expect.arrayContaining(["cli/bigpeer.js", "cli/bigpeer.ts", "index.ts", "lab/supervisor.ts"]));
  const late = found.filter((entry) => {
    const text = readFileSync(join(root, entry), "utf8");
    const [, first = ""] = /^(?:import\b[^"]*|.*\brequire\()"([^"]+)"/m.exec(text) ?? [];
    return resolve(root, dirname(entry), first) !== join(root, "program/diagnostic-reports.cjs");
  });
  expect(late).toEqual([]);
});
