import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkFile, checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";

const good = readFileSync("topologies/dev.yaml", "utf8");
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-source-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function judged(bytes: Uint8Array | string) {
  const file = join(directory, "topology.yaml");
  writeFileSync(file, bytes);
  return checkFile(file).findings.map(({ rule, what, location }) => `${location?.line} ${rule} ${what}`);
}

describe("the bytes of a file", () => {
  test.each<[what: string, bytes: Uint8Array | string]>([
    ["UTF-8 with a byte order mark", `\uFEFF${good}`],
    ["lines that end as on Windows", good.replaceAll("\n", "\r\n")],
  ])("%s is read like any other", (_, bytes) => {
    expect(judged(bytes)).toEqual([]);
  });

  test("a mistake has the same place where lines end as on Windows", () => {
    const wrong = good.replace("between: [bp1, bp2]", "between: [bp1, bp3]");
    expect(judged(wrong.replaceAll("\n", "\r\n"))).toEqual(judged(wrong));
  });

  test.each<[what: string, bytes: Uint8Array | string, expected: string]>([
    ["UTF-16, as PowerShell writes it", Buffer.from(`\uFEFF${good}`, "utf16le"), "1 unreadable is UTF-16 text"],
    [
      "Latin-1",
      Buffer.from(good.replace("color = 'blue'\"", "color = 'grün'\""), "latin1"),
      "17 unreadable is not UTF-8 text: line 17 has bytes that are not valid",
    ],
    [
      "a program",
      new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0]),
      "1 unreadable is not UTF-8 text: line 1 has bytes that are not valid",
    ],
  ])("%s is refused as such, not as a file that lacks everything", (_, bytes, expected) => {
    expect(judged(bytes)).toEqual([expected]);
  });
});

describe("merge keys", () => {
  const merged = good
    .replace("bp1: {", "bp1: &peer {")
    .replace("bp2: { cluster: dev, version: 1.63.2 }", "bp2: { <<: *peer, auth: {} }");

  test("take over what the other mapping holds, but for what is written beside them", () => {
    const { plan, findings } = checkSource(parseSource("t.yaml", merged));
    expect(findings).toEqual([]);
    expect(plan?.peers.get("bp2")?.settings).toMatchObject({ cluster: "dev", version: "1.63.2", auth: {} });
    expect(plan?.peers.get("bp2")?.settings.auth?.playground).toBeUndefined();
  });

  test("a mistake in what is taken over is found at the entry that takes it", () => {
    const wrong = merged.replace("version: 1.63.2, auth: { playground: {} }", "version: 1.63.2, evict: []");
    const { findings } = checkSource(parseSource("t.yaml", wrong));
    expect(findings.map(({ path, location }) => `${location?.line} ${path.join(".")}`)).toEqual([
      "10 peers.bp1.evict",
      "11 peers.bp2.evict",
    ]);
  });
});
