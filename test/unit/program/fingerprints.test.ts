import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configFingerprint, isConfigOfFiles } from "../../../program/config-fingerprint.ts";
import { programFingerprint, programFolders } from "../../../program/program-fingerprint.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fingerprints-"));
  write("Pulumi.yaml", "name: shops\nruntime: nodejs\nmain: index.ts\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

describe("the configuration of a stack", () => {
  const text =
    "config:\n  bigpeer:topology: shops.yaml\n  bigpeer:token:\n    secure: v1:abc\n  bigpeer:clusters: [east]\n";
  const running = { "bigpeer:topology": "shops.yaml", "bigpeer:token": "open sesame", "bigpeer:clusters": '["east"]' };

  test("is another one after a change of a value or a secret, and the same one after a change of a comment", () => {
    write("Pulumi.dev.yaml", text);
    const before = configFingerprint("dev", folder);
    write("Pulumi.dev.yaml", `# Shops\n${text}`);
    expect(configFingerprint("dev", folder)).toBe(before);
    write("Pulumi.dev.yaml", text.replace("v1:abc", "v1:abd"));
    expect(configFingerprint("dev", folder)).not.toBe(before);
    write("Pulumi.dev.yaml", text.replace("[east]", "[west]"));
    expect(configFingerprint("dev", folder)).not.toBe(before);
  });

  test("has no fingerprint where an ESC environment gives a part of it", () => {
    write("Pulumi.dev.yaml", `environment: [prod]\n${text}`);
    expect(configFingerprint("dev", folder)).toBeUndefined();
  });

  test("is that of the files only if the run has their values and no others", () => {
    write("Pulumi.dev.yaml", text);
    expect(isConfigOfFiles("dev", folder, running)).toBe(true);
    expect(isConfigOfFiles("dev", folder, { ...running, "bigpeer:topology": "others.yaml" })).toBe(false);
    expect(isConfigOfFiles("dev", folder, { ...running, "bigpeer:kubeconfig": "/elsewhere" })).toBe(false);
    const { "bigpeer:token": _, ...less } = running;
    expect(isConfigOfFiles("dev", folder, less)).toBe(false);
  });
});

describe("the program of a project", () => {
  const plain =
    'import { program } from "bigpeer-topology/program";\n\n// Everything.\nexport default () => program();\n';
  const install = (version: string) => {
    for (const [name, of] of [
      ["bigpeer-topology", version],
      ...["pulumi", "kubernetes", "random"].map((each) => [`@pulumi/${each}`, "3.0.0"]),
    ])
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: of }));
  };

  test("is another one with another version of the package", () => {
    write("index.ts", plain);
    write("package.json", "{}");
    install("0.1.0");
    const before = programFingerprint(folder);
    expect(before).toMatch(/^[0-9a-f]{32}$/);
    write("index.ts", plain.replace("Everything", "All"));
    expect(programFingerprint(folder)).toBe(before);
    install("0.2.0");
    expect(programFingerprint(folder)).not.toBe(before);
  });

  test("is not known where it has code of its own, or a package that is linked from elsewhere", () => {
    write("package.json", "{}");
    install("0.1.0");
    write("index.ts", `${plain}new Bucket("mine");\n`);
    expect(programFingerprint(folder)).toBeUndefined();
    write("index.ts", plain);
    write("elsewhere/package.json", JSON.stringify({ name: "bigpeer-topology", version: "0.1.0" }));
    rmSync(join(folder, "node_modules/bigpeer-topology"), { recursive: true });
    symlinkSync(join(folder, "elsewhere"), join(folder, "node_modules/bigpeer-topology"));
    expect(programFingerprint(folder)).toBeUndefined();
  });

  test("is known of this checkout and of a new project", () => {
    expect(programFingerprint(".")).toMatch(/^[0-9a-f]{32}$/);
    write("index.ts", readFileSync("template/index.ts", "utf8"));
    write("package.json", "{}");
    install("0.1.0");
    expect(programFingerprint(folder)).toMatch(/^[0-9a-f]{32}$/);
  });

  test("of a checkout is made of all folders that it is loaded from", () => {
    const seen = new Set<string>();
    const visit = (file: string) => {
      if (seen.has(file) || !existsSync(file)) return;
      seen.add(file);
      const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      for (const [, to = ""] of text.matchAll(/(?:from |import |import\(|require\()"(\.[^"]+)"/g))
        visit(resolve(dirname(file), to));
    };
    visit(resolve("index.ts"));
    expect(seen.size).toBeGreaterThan(50);
    const folders = new Set([...seen].map((file) => relative(".", file).split(sep)[0]));
    folders.delete("index.ts");
    expect([...folders].filter((each) => each !== undefined && !programFolders.includes(each))).toEqual([]);
    for (const each of programFolders) expect(readdirSync(each).length).toBeGreaterThan(0);
  });
});
