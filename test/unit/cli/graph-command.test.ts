import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { graphCommand } from "../../../cli/commands/graph.ts";
import { regionsAndShops, sites } from "../../support/large-topologies.ts";

const directory = mkdtempSync(join(tmpdir(), "bigpeer-graph-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function graph(text: string): Promise<{ out: string; said: string }> {
  const file = join(directory, "topology.yaml");
  writeFileSync(file, text);
  let [out, said] = ["", ""];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    out += String(part);
    return true;
  });
  const error = vi.spyOn(console, "error").mockImplementation((line: string) => {
    said += line;
  });
  await graphCommand(file, {});
  write.mockRestore();
  error.mockRestore();
  return { out, said };
}

test("a Mermaid picture that a page would shrink comes with the command for one that opens large", async () => {
  const { out, said } = await graph(regionsAndShops(4, 14));
  expect(out).toMatch(/^flowchart /);
  expect(said).toMatch(/wider than a page of 1000 pixels.*npx bigpeer graph \S+topology\.yaml --out topology\.svg$/);
});

test("one that fits comes alone", async () => {
  expect((await graph(sites(12, "hub"))).said).toBe("");
});
