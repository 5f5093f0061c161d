import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const manifest = z
  .object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));
const page = readFileSync("docs/dependencies.md", "utf8");
const lines = page.split("\n").map(
  (line) =>
    line
      .split("|")[1]
      ?.trim()
      .replace(/ \(dev\)$/, "")
      .split(", ") ?? [],
);

test("docs/dependencies.md has a line for every package, and for none that is not used", () => {
  const listed = lines.flat().filter((name) => /^@?[a-z][\w./-]*$/.test(name) && !/^(package|module)$/.test(name));
  const modules = listed.filter((name) => /^(github\.com|go\.etcd\.io|k8s\.io|sigs\.k8s\.io|helm\.sh)\//.test(name));
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(listed.filter((name) => !modules.includes(name)).toSorted()).toEqual(packages.toSorted());
  const built = readdirSync("lab/go").map((folder) => readFileSync(`lab/go/${folder}/go.mod`, "utf8"));
  expect(modules.filter((name) => !built.some((text) => text.includes(`${name} v`)))).toEqual([]);
});
