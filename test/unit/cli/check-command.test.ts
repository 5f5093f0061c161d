import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { checkReport } from "../../../cli/output/check-report.ts";
import { allRules } from "../../../topology/rules/index.ts";

const good = readFileSync("topologies/dev.yaml", "utf8");
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-check-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Writes the guide's example after edits into the folder of the test. */
function file(name: string, ...edits: [from: string, to: string][]): string {
  writeFileSync(
    join(directory, name),
    edits.reduce((text, [from, to]) => text.replace(from, to), good),
  );
  return name;
}

const program = join(import.meta.dirname, "../../../cli/bigpeer.js");

function check(args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  return new Promise((done) => {
    const options = { cwd: directory, env: { ...inherited, ...env } };
    const child = execFile(process.execPath, [program, "check", ...args], options, (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const wrongPeer: [string, string] = ["between: [bp1, bp2]", "between: [bp1, bp3]"];

test("a finding shows place, severity, rule, path, the line with a mark under the place, reason and remedy", async () => {
  const { out, code } = await check([file("wrong.yaml", wrongPeer)]);
  expect(
    out,
  ).toBe(`wrong.yaml:17:42 error unknown-reference  replications.blue-cars.between[1]: names the peer "bp3", which is not declared
   17 |   blue-cars: { app: cars, between: [bp1, bp3], queries: { cars: ["color = 'blue'"] } }
      |                                          ^~~
  why: the objects that it stands for are never created, so data does not flow
  fix: did you mean "bp2"?

wrong.yaml: 1 error
`);
  expect(code).toBe(1);
});

test("a mark stays under its place where a long line is cut", async () => {
  const long = `color IN (${Array.from({ length: 40 }, (_, index) => `'${index}'`).join(", ")})`;
  const name = file("long.yaml", ["color = 'blue'", long], [`"] } }\n  red`, `"] }, dail: bp1 }\n  red`]);
  const lines = (await check([name])).out.split("\n");
  const mark = lines.findIndex((line) => line.includes("^"));
  expect(lines[mark - 1]?.length).toBeLessThan(120);
  expect(lines[mark - 1]?.slice(lines[mark]?.indexOf("^")).slice(0, 4)).toBe("dail");
});

describe("colour", () => {
  test("is left out where the output is no terminal, and where NO_COLOR is set", async () => {
    const name = file("wrong.yaml", wrongPeer);
    expect((await check([name], { CI: "true" })).out).not.toContain("\u001b[");
    expect((await check([name], { FORCE_COLOR: "1", NO_COLOR: "1" })).out).not.toContain("\u001b[");
  });

  test("is there where it is asked for", async () => {
    const { out } = await check([file("wrong.yaml", wrongPeer)], { FORCE_COLOR: "1" });
    expect(out).toContain("\u001b[31merror\u001b[39m");
  });
});

describe("exit codes", () => {
  test("0 for several good files, 0 for warnings alone, 1 for an error in any", async () => {
    const [fine, warned] = [file("a.yaml"), file("b.yaml", ["color = 'blue'", "color == 'blue'"])];
    expect((await check([fine, warned])).code).toBe(0);
    const { code, out } = await check([fine, file("c.yaml", wrongPeer), warned]);
    expect(code).toBe(1);
    expect(out).toContain("a.yaml: 2 peers, 2 replications, no findings");
    expect(out).toContain("c.yaml: 1 error");
    expect(out).toContain("b.yaml: 2 peers, 2 replications, 1 warning");
  });

  test("2 for a file that is not there, with the findings of the others", async () => {
    const { code, out } = await check([file("c.yaml", wrongPeer), "missing.yaml"]);
    expect(code).toBe(2);
    expect(out).toContain("unknown-reference");
    expect(out).toContain("missing.yaml:1:1 error unreadable");
  });

  test("2 for options that exclude each other", async () => {
    expect((await check([file("a.yaml"), "--json", "--sarif"])).code).toBe(2);
  });

  test("2 for a stack whose configuration is not YAML", async () => {
    writeFileSync(join(directory, "Pulumi.broken.yaml"), "config: {\n");
    const { code, err } = await check(["--stack", "broken"]);
    rmSync(join(directory, "Pulumi.broken.yaml"));
    expect(code).toBe(2);
    expect(err).toMatch(/^error: Pulumi\.broken\.yaml is not valid YAML/);
  });

  test("2 for a stack that names no file that exists", async () => {
    const { code, err } = await check(["--stack", "nowhere"]);
    expect(code).toBe(2);
    expect(err).toContain("there is no topology file topologies/nowhere.yaml");
  });
});

test("a reader that has seen enough, such as head, is no failure", async () => {
  const many = file("many.yaml", ["peers:", `peers:\n${"  x: {}\n".repeat(2_000)}`]);
  const { FORCE_COLOR: _, ...env } = process.env;
  const shell = spawn("sh", ["-c", `"${process.execPath}" "${program}" check ${many} | head -n 1`], {
    cwd: directory,
    env,
  });
  let said = "";
  shell.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  shell.stdout.resume();
  await new Promise((done) => shell.once("close", done));
  expect(said).toBe("");
});

test("a stack's configuration names the file", async () => {
  writeFileSync(join(directory, "Pulumi.shop.yaml"), "config:\n  bigpeer:topology: wrong.yaml\n");
  file("wrong.yaml", wrongPeer);
  expect((await check(["--stack", "shop"])).out).toContain("wrong.yaml:17:42");
});

test("--json prints the documented report, with what comments suppress", async () => {
  const ignored = "color == 'blue'\"] } } # bigpeer-ignore double-equals: tried on 1.63.2";
  const { out } = await check([file("ignored.yaml", [`color = 'blue'"] } }`, ignored]), "--json"]);
  const report = checkReport.parse(JSON.parse(out));
  expect(report.files).toMatchObject([{ file: "ignored.yaml", peers: 2, replications: 2, findings: [] }]);
  expect(report.files[0]?.ignored).toMatchObject([{ rule: "double-equals", reason: "tried on 1.63.2", line: 17 }]);
});

describe("a secret is in no output", () => {
  test.each<[string, [string, string]]>([
    ["where a rule finds it", ["playground: {}", "playground: { token: hunter2hunter2 }"]],
    ["beside another mistake", ["playground: {}", "playground: { token: hunter2hunter2, sesionLength: 3 }"]],
    ["where the file does not parse", ["playground: {}", 'playground: { token: "hunter2hunter2" ]']],
    [
      "in a field passed through",
      ["auth: { playground: {} }", "spec: { cdc: { apiKey: 'hunter2hunter2' } }, evict: []"],
    ],
    ["in a URL", ["playground: {}", "webhooks: { own: { url: 'https://me:hunter2hunter2@example.com' } }"]],
    ["on a line of its own", ["{ playground: {} } }", "{ playground: { token:\n     hunter2hunter2 } } }"]],
  ])("%s", async (_, edit) => {
    const name = file("secret.yaml", edit);
    for (const format of [[], ["--json"], ["--sarif"]]) {
      const { out, code } = await check([name, ...format]);
      expect(code).toBe(1);
      expect(out).toContain("*****");
      expect(out).not.toContain("hunter2hunter2");
    }
  });
});

describe("SARIF", () => {
  // The members that SARIF 2.1.0 (OASIS) requires of what is used here, with its constraints; unknown members are refused.
  const text = z.strictObject({ text: z.string().min(1) });
  const region = z.strictObject({
    startLine: z.int().min(1),
    startColumn: z.int().min(1),
    endColumn: z.int().min(1).optional(),
    snippet: text.optional(),
  });
  const sarif = z.strictObject({
    $schema: z.url(),
    version: z.literal("2.1.0"),
    runs: z.array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: z.string().min(1),
            rules: z.array(
              z.strictObject({
                id: z.string().min(1),
                shortDescription: text,
                help: z.strictObject({ text: z.string().min(1), markdown: z.string().min(1) }),
                defaultConfiguration: z.strictObject({ level: z.enum(["none", "note", "warning", "error"]) }),
              }),
            ),
          }),
        }),
        columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
        results: z.array(
          z.strictObject({
            ruleId: z.string(),
            ruleIndex: z.int().min(0),
            level: z.enum(["none", "note", "warning", "error"]),
            message: text,
            locations: z
              .array(
                z.strictObject({
                  physicalLocation: z.strictObject({
                    artifactLocation: z.strictObject({
                      uri: z.string().regex(/^[^\s\\]+$/),
                      uriBaseId: z.string().optional(),
                    }),
                    region,
                  }),
                  logicalLocations: z.array(z.strictObject({ fullyQualifiedName: z.string().min(1) })).optional(),
                }),
              )
              .min(1),
            partialFingerprints: z.record(z.string(), z.string().min(1)),
          }),
        ),
      }),
    ),
  });

  async function results(...args: string[]) {
    const { out } = await check([...args, "--sarif"]);
    const [run] = sarif.parse(JSON.parse(out)).runs;
    if (!run) throw new Error("there is no run");
    return { rules: run.tool.driver.rules, results: run.results };
  }

  test("holds every required member, every rule with its help, and each finding at its place", async () => {
    const name = file("wrong one.yaml", wrongPeer, ["color = 'red'", "color == 'red'"]);
    const { rules, results: found } = await results(name);
    expect(rules.map(({ id }) => id)).toEqual(allRules.map(({ id }) => id));
    expect(found.map(({ ruleId, ruleIndex, level }) => [ruleId, rules[ruleIndex]?.id, level])).toEqual([
      ["unknown-reference", "unknown-reference", "error"],
      ["double-equals", "double-equals", "warning"],
    ]);
    const place = found[0]?.locations[0]?.physicalLocation;
    expect(place?.artifactLocation).toEqual({ uri: "wrong%20one.yaml", uriBaseId: "%SRCROOT%" });
    expect(place?.region).toMatchObject({ startLine: 17, startColumn: 42, endColumn: 45 });
  });

  test("knows a finding again that has moved", async () => {
    const before = await results(file("moves.yaml", wrongPeer));
    const after = await results(file("moves.yaml", wrongPeer, ["clusters:", "\n\nclusters:"]));
    expect(after.results[0]?.partialFingerprints).toEqual(before.results[0]?.partialFingerprints);
  });

  test("names no finding where there is none", async () => {
    expect((await results(file("a.yaml"))).results).toEqual([]);
  });
});
