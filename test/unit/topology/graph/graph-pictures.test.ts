import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { writePicture } from "../../../../cli/output/picture-file.ts";
import { checkSource, loadPlan, planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { withBreaks } from "../../../../topology/graph/breaks.ts";
import { appColours, markColours } from "../../../../topology/graph/colours.ts";
import { mergeDrawings } from "../../../../topology/graph/merge.ts";
import { type Drawing, drawingOf } from "../../../../topology/graph/model.ts";
import { orientationOf } from "../../../../topology/graph/orientation.ts";
import { composed, composedChanges, type GraphOptions, pictureOf } from "../../../../topology/graph/picture.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { chromiumPath, launchChromium } from "../../../support/chromium.ts";
import { drawnPicture } from "../../../support/drawn-picture.ts";
import { chain, manyReplications, regionsAndShops, sites, twelveClusters } from "../../../support/large-topologies.ts";
import { mermaidFaults } from "../../../support/mermaid-picture.ts";
import { faultsOf } from "../../../support/picture-faults.ts";
import { topologies } from "../../../support/random-topology.ts";

const executable = chromiumPath();
if (executable === undefined)
  console.warn("No picture is looked at: there is no Chromium on PATH, and CHROMIUM_PATH names none.");

const drawn = (text: string, options: GraphOptions = {}, groupBy?: string) =>
  composed(drawingOf(planText(text).plan, groupBy), options);
const example = (name: string) => readFileSync(`topologies/${name}.yaml`, "utf8");
const svg = (text: string, options?: GraphOptions) => pictureOf(drawn(text, options), "svg", "a topology");

function changes(before: string, after: string, groupBy?: string) {
  const [base, head] = [before, after].map((text, index) => ({
    name: String(index),
    ...checkSource(parseSource("topology.yaml", text)),
  }));
  if (!base?.plan || !head?.plan) throw new Error("two topologies make two drawings");
  const { interruptions } = diffTopologies(base, head);
  const merged = mergeDrawings(drawingOf(base.plan, groupBy), drawingOf(head.plan, groupBy));
  return composedChanges(withBreaks(merged, interruptions), {});
}

/** 4 regions, 12 hubs, 200 shops. */
const fleet = (options: GraphOptions = {}) =>
  composed(drawingOf(loadPlan("topologies/fleet.yaml").plan, "region"), options);

const newPorts = () => changes(twelveClusters(), twelveClusters().replaceAll("4000-9999", "10000-19999"), "region");
const newVersions = () => changes(twelveClusters(), twelveClusters().replaceAll("1.63.2", "1.64.0"), "region");

/** Twelve clusters in every form: what a comment shows of them can be read. */
const twelve: Readonly<Record<string, () => Drawing>> = {
  "in three regions, with a mesh": () => drawn(twelveClusters({ versions: true }), {}, "region"),
  "in three regions, collapsed": () => drawn(twelveClusters(), { collapse: true }, "region"),
  "that all get another port": newPorts,
  "that all get another version": newVersions,
  "in a chain": () => drawn(chain(12)),
  "in one mesh": () => drawn(sites(12, "mesh")),
  "round one hub": () => drawn(sites(12, "hub")),
};

const reviews = readdirSync("docs/review", { withFileTypes: true }).filter((entry) => entry.isDirectory());
const review = (name: string) =>
  changes(readFileSync(`docs/review/${name}/base.yaml`, "utf8"), readFileSync(`docs/review/${name}/head.yaml`, "utf8"));

const blocksOf = (page: string, language: string) =>
  [...readFileSync(page, "utf8").matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, code = ""]) => code,
  );

test("the README shows topologies/dev.yaml, and what bigpeer graph draws of it", async () => {
  expect(blocksOf("README.md", "yaml").map((text) => parse(text))).toEqual([parse(example("dev"))]);
  const picture = await pictureOf(drawn(example("dev")), "mermaid", "");
  expect(blocksOf("README.md", "mermaid")).toEqual([`${picture.trimEnd()}\n`]);
});

/** Every picture whose looks are promised, by its name. */
const pictures: Readonly<Record<string, () => Promise<string>>> = {
  "the example of the README": () => svg(example("dev")),
  "three peers in three clusters": () => svg(example("mesh-of-three")),
  "two clusters": () => svg(example("two-clusters")),
  "60 peers": () => svg(regionsAndShops(4, 14)),
  "60 peers, one by one": () => svg(regionsAndShops(4, 14), { group: false }),
  "one app of 60 peers": () => svg(regionsAndShops(4, 14), { apps: ["audit"] }),
  "one peer of 200 with 2,000 replications": () => svg(manyReplications(200, 2000), { peers: ["peer-7"] }),
  "a query that changes among 60 peers": () =>
    pictureOf(changes(regionsAndShops(4, 14), regionsAndShops(4, 14, { price: "valid = false" })), "svg", "a change"),
  "4 regions of 212 clusters": () => pictureOf(fleet(), "svg", "the fleet"),
  ...Object.fromEntries(
    Object.entries(twelve).map(([name, draw]) => [`twelve clusters ${name}`, () => pictureOf(draw(), "svg", name)]),
  ),
  ...Object.fromEntries(
    reviews.map(({ name }) => [`the change ${name}`, () => pictureOf(review(name), "svg", "a change")]),
  ),
};

describe("an SVG of twelve clusters", () => {
  const scratch = mkdtempSync(join(tmpdir(), "bigpeer-pictures-"));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const width = (picture: string) => Number(/^<svg [^>]*\bwidth="(\d+)"/.exec(picture)?.[1]);

  test.each(["in a chain", "in one mesh", "round one hub"])("%s is at most 1,000 pixels wide", async (name) => {
    const picture = await pictureOf(twelve[name]?.() ?? never(), "svg", name);
    expect(width(picture)).toBeGreaterThan(300);
    expect(width(picture)).toBeLessThanOrEqual(1000);
  });

  test.each(Object.keys(twelve))(
    "%s is at most 1,000 pixels wide, or the command prints the link that opens it large",
    async (name) => {
      const picture = await pictureOf(twelve[name]?.() ?? never(), "svg", name);
      const said: string[] = [];
      const spy = vi.spyOn(console, "error").mockImplementation((text: string) => void said.push(text));
      writePicture(join(scratch, "picture.svg"), picture);
      spy.mockRestore();
      const wide = width(picture) > 1000;
      expect(said).toHaveLength(wide ? 1 : 0);
      if (wide)
        expect(said[0]).toMatch(/is \d{4} pixels wide[\s\S]*\n {2}\[!\[topology\]\(picture\.svg\)\]\(picture\.svg\)$/);
    },
  );
});

describe.skipIf(executable === undefined)("in a browser", () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium(executable ?? "");
    page = await browser.newPage();
  });
  afterAll(() => browser?.close());

  async function show(html: string, colorScheme: "light" | "dark" = "light"): Promise<void> {
    await page.emulateMedia({ colorScheme });
    await page.setContent(`<style>body{margin:0}</style>${html}`);
  }

  test.each(Object.keys(pictures))("%s: every text can be read and nothing is cut off, light or dark", async (name) => {
    await show((await pictures[name]?.()) ?? "");
    expect(faultsOf(await drawnPicture(page))).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(faultsOf(await drawnPicture(page))).toEqual([]);
  });

  test("whatever the topology, or its change: nothing overlaps or is cut off", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(topologies, topologies, async (before, after) => {
        const [base, head] = [drawingOf(planTopology(before)), drawingOf(planTopology(after))];
        for (const drawing of [composed(head, {}), composedChanges(mergeDrawings(base, head), {})]) {
          await show(await pictureOf(drawing, "svg", "a topology"));
          expect(faultsOf(await drawnPicture(page))).toEqual([]);
        }
      }),
      { numRuns: 8 },
    );
  });

  test.each([
    ["a text on another", `<text x="45" y="40">over the name</text>`, /overlap/],
    ["a text beyond the edge", `<text x="-20" y="100">left of all</text>`, /leaves the picture/],
    ["a pale text", `<text x="200" y="60" style="fill:#dddddd">pale</text>`, /contrast/],
    ["a line through a text", `<path class="line app0" d="M30 36L200 36"/>`, /runs through "dev"/],
    ["a line through a peer", `<path class="line app0" d="M30 130L300 130"/>`, /runs through a peer/],
    [
      "a line along another",
      `<path class="line app0" d="M380 95L420 95"/><path class="line app0" d="M390 95L440 95"/>`,
      /runs along/,
    ],
    ["a text across a border", `<text x="432" y="60">across</text>`, /crosses the border of a cluster/],
  ])("the search for faults finds %s", async (_, fault, expected) => {
    await show((await svg(example("dev"))).replace("</svg>", `${fault}</svg>`));
    expect(faultsOf(await drawnPicture(page)).join("\n")).toMatch(expected);
  });

  test.each([
    ["light", "255,255,255"],
    ["dark", "13,17,23"],
  ] as const)(
    "as an image on a %s page it has the paper, the boxes and every colour of that mode",
    async (mode, paper) => {
      const picture = await svg(regionsAndShops(4, 14));
      const image = `<img src="data:image/svg+xml;base64,${Buffer.from(picture).toString("base64")}">`;
      await show(image, mode);
      await page.waitForFunction("document.images[0].complete");
      const counts = await coloursOf(page, await page.screenshot({ fullPage: true }));
      const pixels = [...counts.values()].reduce((sum, n) => sum + n, 0);
      const share = (counts.get(paper) ?? 0) / pixels;
      expect(share).toBeGreaterThan(0.3);
      expect(share).toBeLessThan(0.95);
      for (const colour of appColours.slice(0, 2)) expect(counts.get(rgb(colour[mode])) ?? 0).toBeGreaterThan(500);
    },
  );

  test("a comparison is drawn in the colours of what comes, goes and changes", async () => {
    await show((await pictures["the change moved-peer"]?.()) ?? "");
    const counts = await coloursOf(page, await page.screenshot({ fullPage: true }));
    for (const mark of ["added", "removed"] as const)
      expect(counts.get(rgb(markColours[mark].light)) ?? 0).toBeGreaterThan(100);
  });

  test("a link that breaks has a sign across it, and the legend says what it means", async () => {
    await show(await pictureOf(newVersions(), "svg", "a change"));
    const words = (await drawnPicture(page)).elements.map((element) => element.words);
    expect(words).toContain("breaks once");
    expect(words.filter((each) => each.includes("! breaks once")).length).toBeGreaterThan(0);
    expect(await page.locator("path.cut").count()).toBeGreaterThan(1);
    await show(await pictureOf(drawn(twelveClusters()), "svg", "no change"));
    expect(await page.locator("path.cut").count()).toBe(0);
  });

  describe("Mermaid draws", () => {
    const texts: Readonly<Record<string, () => Promise<string>>> = {
      "the example of the README": () => pictureOf(drawn(example("dev")), "mermaid", ""),
      "60 peers": () => pictureOf(drawn(regionsAndShops(4, 14)), "mermaid", ""),
      "names and queries with its own signs": () =>
        pictureOf(drawn(example("dev").replaceAll("'blue'", "'<b>|}#]-->%%&quot;`'")), "mermaid", ""),
      "4 regions of 212 clusters": () => pictureOf(fleet(), "mermaid", ""),
      ...Object.fromEntries(
        Object.entries(twelve).map(([name, draw]) => [
          `twelve clusters ${name}`,
          () => pictureOf(draw(), "mermaid", ""),
        ]),
      ),
      ...Object.fromEntries(
        reviews.map(({ name }) => [`the change ${name}`, () => pictureOf(review(name), "mermaid", "")]),
      ),
      ...Object.fromEntries(
        ["docs/concepts.md", "docs/architecture.md"].map((page) => [
          `the picture in ${page}`,
          async () => blocksOf(page, "mermaid").join("\n"),
        ]),
      ),
    };
    beforeAll(async () => {
      await show(`<div id="picture" style="width: 900px"></div>`);
      await page.addScriptTag({ path: "node_modules/mermaid/dist/mermaid.min.js" });
      await page.evaluate("mermaid.initialize({ startOnLoad: false })");
    });

    /** As a comment shows it: 900 pixels wide, on the page of a forge in one of its colour schemes. */
    const commented = async (text: string, scheme: "light" | "dark") => {
      const [theme, paper] = scheme === "light" ? ["default", "#ffffff"] : ["dark", "#0d1117"];
      return page.evaluate<number>(`(async () => {
        mermaid.initialize({ startOnLoad: false, theme: "${theme}" });
        document.body.style.background = "${paper}";
        const { svg } = await mermaid.render("drawn", ${JSON.stringify(text)});
        const picture = document.getElementById("picture");
        picture.innerHTML = svg;
        return picture.firstElementChild.viewBox.baseVal.width;
      })()`);
    };

    test.each(Object.keys(twelve))(
      "twelve clusters %s at most 1,000 pixels wide, or the comment says how to open them large",
      async (name) => {
        const drawing = twelve[name]?.() ?? never();
        const width = await commented(await pictureOf(drawing, "mermaid", name), "light");
        expect(width <= 1000 || orientationOf(drawing).wide, `${name} is ${width} pixels wide`).toBe(true);
      },
    );

    // Sixty clusters without regions are more than a comment can show; it says how to draw them large.
    const inComments = Object.keys(texts).filter((name) => !/^the picture in|^60 peers/.test(name));
    test.each(inComments.flatMap((name) => [[name, "light"] as const, [name, "dark"] as const]))(
      "%s so that each text can be read in a comment, %s",
      async (name, scheme) => {
        await commented((await texts[name]?.()) ?? "", scheme);
        expect(await mermaidFaults(page)).toEqual([]);
      },
    );

    test("sixty clusters without regions wider than a comment, and knows it", () => {
      expect(orientationOf(drawn(regionsAndShops(4, 14))).wide).toBe(true);
    });

    test("and the search for faults finds a small text, a pale one and a pale line", async () => {
      const pale = `flowchart LR\n  a["one"] -->|"to"| b["two"]\n  style a fill:#ffffff,color:#dddddd\n  linkStyle 0 stroke:#eeeeee`;
      await commented(pale, "light");
      const faults = (await mermaidFaults(page)).join("\n");
      expect(faults).toMatch(/"one" has a contrast of only 1\.\d/);
      expect(faults).toMatch(/a line has a contrast of only 1\.\d/);
      const wide = Array.from({ length: 30 }, (_, index) => `a${index}["step"] --> a${index + 1}["step"]`).join("\n  ");
      await commented(`flowchart LR\n  ${wide}`, "light");
      expect((await mermaidFaults(page)).join("\n")).toMatch(/is only [\d.]+ pixels high/);
    });

    test.each(Object.keys(texts))("%s, and cuts no label", async (name) => {
      const text = (await texts[name]?.()) ?? "";
      const labels = await page.evaluate<{ words: string; cut: boolean }[]>(`(async () => {
        const { svg } = await mermaid.render("drawn", ${JSON.stringify(text)});
        document.getElementById("picture").innerHTML = svg;
        return [...document.querySelectorAll("#picture foreignObject")].map((label) => ({
          words: label.textContent,
          cut: label.firstElementChild.scrollWidth > Math.ceil(label.width.baseVal.value) + 1,
        }));
      })()`);
      expect(labels.filter(({ cut }) => cut)).toEqual([]);
      const words = labels.map((label) => label.words).join("\n");
      for (const [, label = ""] of text.matchAll(/(?:\[|\|)"([^"]+)"/g))
        for (const line of label.split("<br>"))
          expect(words).toContain(line.replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))));
    });
  });
});

function never(): never {
  throw new Error("no such picture");
}

/** How many pixels of a screenshot have each colour. The browser itself reads the PNG. */
async function coloursOf(page: Page, png: Buffer): Promise<Map<string, number>> {
  const counts = await page.evaluate<[string, number][]>(`(async () => {
    const answer = await fetch("data:image/png;base64,${png.toString("base64")}");
    const image = await createImageBitmap(await answer.blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const counts = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = data.slice(at, at + 3).join();
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return [...counts];
  })()`);
  return new Map(counts);
}

function rgb(hex: string): string {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join();
}
