import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { withPackageNames } from "../../../scripts/built-imports.ts";

const versions = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  version: z.string(),
  engines: z.object({ node: z.string() }),
  dependencies: versions,
  devDependencies: versions,
  peerDependencies: versions,
});
const read = (file: string) => manifest.parse(JSON.parse(readFileSync(file, "utf8")));
const [core, lab] = [read("package.json"), read("lab/package.json")];

test("both packages have one version, and each takes the other of that version alone", () => {
  expect(lab.version).toBe(core.version);
  expect(lab.engines).toEqual(core.engines);
  expect(core.peerDependencies).toEqual({ "bigpeer-topology-lab": core.version });
  expect(lab.peerDependencies).toEqual({ "bigpeer-topology": core.version });
});

test("the lab takes its dependencies in the versions with which it is tested here", () => {
  const tested = { ...core.dependencies, ...core.devDependencies };
  expect(lab.dependencies).toEqual(
    Object.fromEntries(Object.keys(lab.dependencies).map((name) => [name, tested[name]])),
  );
});

test("no Node.js is promised that a dependency refuses", () => {
  const lowest = core.engines.node.replace(">=", "");
  const asked = Object.keys(core.dependencies).flatMap((name): [string, string][] => {
    const text = readFileSync(`node_modules/${name}/package.json`, "utf8");
    const { engines } = z.object({ engines: z.object({ node: z.string() }).optional() }).parse(JSON.parse(text));
    return engines ? [[name, engines.node]] : [];
  });
  const numbers = (version: string) => version.split(".").map(Number);
  const isOlder = (one: string, other: string) => {
    const [mine, theirs] = [numbers(one), numbers(other)];
    const at = theirs.findIndex((part, index) => part !== (mine[index] ?? 0));
    return at >= 0 && (mine[at] ?? 0) < (theirs[at] ?? 0);
  };
  expect(asked.filter(([, range]) => isOlder(lowest, range.replace(/^>= ?/, "")))).toEqual([]);
});

describe("the imports of built files", () => {
  const packages = [
    { name: "lab-of-it", folder: "lab" },
    { name: "it", folder: "" },
  ];

  test("name the other package where they leave their own", () => {
    const text = 'import { a } from "../../lab/engine.ts";\nconst b = import("../topology/check.js");\n';
    expect(withPackageNames(text, "cli/commands/dev.js", packages)).toBe(
      'import { a } from "lab-of-it/internal/engine.js";\nconst b = import("../topology/check.js");\n',
    );
    expect(withPackageNames('require("../../program/x.cjs");', "lab/language/run.cjs", packages)).toBe(
      'require("it/internal/program/x.cjs");',
    );
  });

  test("have JavaScript's extension, in declarations and in the locations of programs", () => {
    expect(withPackageNames('export { A } from "./a.ts";', "components/index.d.ts", packages)).toBe(
      'export { A } from "./a.js";',
    );
    expect(withPackageNames('new URL("supervisor.ts", import.meta.url)', "lab/lab.js", packages)).toBe(
      'new URL("supervisor.js", import.meta.url)',
    );
  });
});

describe("topology as a library", () => {
  test("loads nothing of Pulumi's and no Kubernetes client", () => {
    const [packages, seen] = [new Set<string>(), new Set<string>()];
    const walk = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, to = ""] of readFileSync(file, "utf8").matchAll(
        /^(?:import|export) (?!type)[^;]*?from "([^"]+)";/gms,
      ))
        if (to.startsWith(".")) walk(resolve(dirname(file), to));
        else packages.add(to);
    };
    walk(resolve("topology/index.ts"));
    expect(seen.size).toBeGreaterThan(100);
    expect([...packages].filter((name) => /pulumi|kubernetes/.test(name))).toEqual([]);
  });
});

describe("an older Node.js", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "bigpeer-node-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test("is told in one line which one is needed", async () => {
    const old = join(directory, "old.cjs");
    writeFileSync(
      old,
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });\n',
    );
    const output = await new Promise<string>((done) =>
      execFile(process.execPath, ["--require", old, "cli/bigpeer.js", "check"], (error, stdout, stderr) =>
        done(`${error?.code} ${stdout}${stderr}`),
      ),
    );
    expect(output).toMatch(/^2 error: Node\.js \S+ is too old: install 22\.19\.0 or newer, .*\n$/);
  });
});

/** The interfaces by which programs call a component. */
const argumentsOf =
  /export (?:interface|type) (\w*(?:Args|Side|TrustedPeer|ExposingService))\b[\s\S]*?^(?:\}|\s{2,}\|.*;)$/gm;

test("every type of ours that the arguments of a component name is exported beside it", () => {
  const named = readFileSync("components/index.ts", "utf8");
  const whole = [...named.matchAll(/^export (?:type )?\* from "\.\/([^"]+)";/gm)].flatMap(([, file = ""]) =>
    [...readFileSync(join("components", file), "utf8").matchAll(/^export (?:interface|type) (\w+)/gm)].map(
      ([, name]) => name,
    ),
  );
  const index = `${named}\n${whole.join("\n")}`;
  const unexported = readdirSync("components").flatMap((file) => {
    const text = readFileSync(join("components", file), "utf8");
    const ours = [...text.matchAll(/import (type )?\{([^}]*)\} from "\.[^"]*";/g)].flatMap(([, , names = ""]) =>
      names.split(",").map((name) => name.replace("type ", "").trim()),
    );
    const exportedHere = [...text.matchAll(argumentsOf)].filter(([, name = ""]) =>
      new RegExp(`\\b${name}\\b`).test(index),
    );
    return exportedHere.flatMap(([body]) =>
      ours.filter(
        (name) =>
          name !== "" && new RegExp(`: [^;/*]*\\b${name}\\b`).test(body) && !new RegExp(`\\b${name}\\b`).test(index),
      ),
    );
  });
  expect([...new Set(unexported)]).toEqual([]);
});
