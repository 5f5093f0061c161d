import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { commandLine } from "../../cli/usage/command-line.ts";

const pages = [
  "README.md",
  "CHANGELOG.md",
  "policy/README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** A page without its code, in which brackets are no links and a number sign is no heading. */
function prose(page: string): string {
  return readFileSync(page, "utf8")
    .replace(/^([ ]*)```[\s\S]*?^\1```$/gm, "")
    .replace(/^(?:(?: {4,}|\t).*\n?)+/gm, "\n");
}

/** The anchors that GitHub and GitLab make of a page's headings. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose(page).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const slug = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

const links = pages.flatMap((page) =>
  [
    ...prose(page)
      .replace(/`[^`\n]*`/g, "")
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, target = ""]) => ({ page, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target)),
);

test("every relative link in the documents leads to a file or folder of this repository", () => {
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter(({ page, target }) => {
    const [path = ""] = target.split("#");
    return path !== "" && !existsSync(join(dirname(page), path));
  });
  expect(broken).toEqual([]);
});

test("every anchor in a link is a heading of the page that it leads to", () => {
  const known = new Map<string, Set<string>>();
  const anchored = links.filter(({ target }) => target.includes("#"));
  expect(anchored.length).toBeGreaterThan(20);
  const broken = anchored.filter(({ page, target }) => {
    const [path = "", anchor = ""] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    if (!file.endsWith(".md") || !existsSync(file)) return true;
    const anchors = known.get(file) ?? anchorsOf(file);
    known.set(file, anchors);
    return !anchors.has(anchor);
  });
  expect(broken).toEqual([]);
});

test("docs/README.md leads to every page under docs/", () => {
  const listed = links
    .filter(({ page }) => page === "docs/README.md")
    .map(({ page, target }) => join(dirname(page), target.split("#")[0] ?? ""));
  expect(
    pages.filter((page) => page.startsWith("docs/") && page !== "docs/README.md" && !listed.includes(page)),
  ).toEqual(
    // The comments belong to the page of their folder.
    pages.filter((page) => /^docs\/review\/[^/]+\/comment\.md$/.test(page)),
  );
});

test("every command and npm script that the documents name exists", async () => {
  const known = new Set((await commandLine()).commands.map((command) => command.name()));
  const scripts = readFileSync("package.json", "utf8");
  const unknown = pages.flatMap((page) => {
    const text = readFileSync(page, "utf8");
    const commands = [...text.matchAll(/\bnpx bigpeer ([a-z][a-z-]*)/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !known.has(name));
    const run = [...text.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !scripts.includes(`"${name}": "`));
    return [...commands, ...run].map((name) => ({ page, name }));
  });
  expect(unknown).toEqual([]);
});
