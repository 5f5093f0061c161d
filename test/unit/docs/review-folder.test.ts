import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reviewFiles } from "../../../scripts/review-folder.ts";
import { checkFile } from "../../../topology/check.ts";

test("docs/review/ is what the command makes of its changes (npm run generate)", async () => {
  const files = await reviewFiles();
  for (const [path, content] of files) expect(readFileSync(path, "utf8"), path).toBe(content);
  const inputs = ["base.yaml", "head.yaml"];
  const expected = [...files.keys()].map((path) => path.replace("docs/review/", ""));
  const found = readdirSync("docs/review", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !inputs.includes(entry.name))
    .map(({ parentPath, name }) => `${parentPath}/${name}`.replace("docs/review/", ""));
  expect(found.sort()).toEqual(expected.sort());
});

test.each(["new-spoke", "narrowed-query", "moved-peer"])("the topologies of %s have no finding", (folder) => {
  for (const name of ["base", "head"]) expect(checkFile(`docs/review/${folder}/${name}.yaml`).findings).toEqual([]);
});
