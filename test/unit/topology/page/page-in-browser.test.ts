import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loadPlan, planText } from "../../../../topology/check.ts";
import { pageHtml } from "../../../../topology/page/html.ts";
import type { StateSource } from "../../../../topology/page/page-data.ts";
import { pageOf } from "../../../../topology/page/page-of-plan.ts";
import { type States, statesOf } from "../../../../topology/page/states.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { chromiumPath, launchChromium } from "../../../support/chromium.ts";
import { twelveClusters } from "../../../support/large-topologies.ts";
import { contrast, leastLineContrast, leastTextContrast } from "../../../support/picture-faults.ts";

const executable = chromiumPath();
if (executable === undefined)
  console.warn("No page is looked at: there is no Chromium on PATH, and CHROMIUM_PATH names none.");

/** What the promise is, in milliseconds; measured and printed, since a busy machine is no fault of the page. */
const promised = 2_000;
const deadline = 40_000;

const failing = {
  version: 1,
  passed: false,
  trust: [],
  results: [true, false].map((passed, index) => ({
    probe: {
      replication: "stock-asia",
      app: "stock",
      from: "bp-asia-depot",
      to: "bp-asia-dc-1",
      collection: index === 0 ? "stock" : "orders",
      expected: "arrives",
      reason: "",
    },
    passed,
    milliseconds: 10,
    message: passed ? "arrived" : "did not arrive",
  })),
};

describe.skipIf(executable === undefined)("a page in a browser", () => {
  const directory = mkdtempSync(join(tmpdir(), "bigpeer-page-"));
  const said: string[] = [];
  const asked: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium(executable ?? "");
    page = await browser.newPage({ viewport: { width: 1300, height: 850 } });
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => asked.push(request.url()));
  });
  beforeEach(() => {
    said.length = 0;
    asked.length = 0;
  });
  afterEach(() => {
    expect(said, "nothing is said in the console").toEqual([]);
    expect(asked.filter((url) => !url.startsWith("file:"))).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true });
  });

  async function open(plan: Plan, states: ReadonlyMap<StateSource, States> = new Map(), shown = page): Promise<number> {
    const data = await pageOf(plan, { title: "Topology", groupBy: "region", apps: [], peers: [], states });
    const file = join(directory, "page.html");
    writeFileSync(file, pageHtml(data));
    await shown.goto(pathToFileURL(file).href);
    // A selector, because waitForFunction evaluates text, which the page's Content-Security-Policy refuses.
    await shown.locator("html[data-ready-ms]").waitFor({ state: "attached", timeout: deadline });
    return shown.evaluate<number>("Number(document.documentElement.dataset.drawnMs)");
  }

  const twelve = () => planText(twelveClusters()).plan;
  /** The twelve, and one cluster in which nothing runs yet. */
  const thirteen = () =>
    planText(twelveClusters().replace(/^clusters:\n/m, "clusters:\n  new-site: { labels: { region: asia } }\n")).plan;
  const withFailure = () => {
    const plan = thirteen();
    return open(plan, new Map([["verify", statesOf("verify", plan, failing)]]));
  };
  const rows = (id: string) => page.locator(`#${id} tr:not([hidden])`);
  const title = () => page.locator("#details-title").textContent();

  /** Where an element is drawn: a node, or the middle of a link. */
  const placeOf = (id: string) =>
    page.evaluate<{ x: number; y: number }>(`(() => {
      const canvas = document.getElementById("canvas");
      const found = canvas._cyreg.cy.getElementById(${JSON.stringify(id)});
      const at = found.isNode() ? found.renderedPosition() : found.renderedMidpoint();
      const { left, top } = canvas.getBoundingClientRect();
      return { x: at.x + left, y: at.y + top };
    })()`);
  const faded = (id: string) =>
    page.evaluate<boolean>(
      `document.getElementById("canvas")._cyreg.cy.getElementById(${JSON.stringify(id)}).hasClass("out")`,
    );

  test("shows the first picture of 212 clusters soon, and says how soon", async () => {
    const { plan } = loadPlan("topologies/fleet.yaml");
    const took = await open(plan);
    console.log(`first picture of ${plan.clusters.size} clusters after ${took} ms; promised: ${promised} ms`);
    expect(await page.locator("#count").textContent()).toBe("212 of 212 peers, 266 of 266 links");
    const drawn = await page.evaluate<number>(`[...document.querySelectorAll("#canvas canvas")].filter((canvas) =>
      new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer).some((pixel) => pixel !== 0)
    ).length`);
    expect(drawn).toBeGreaterThan(0);
  });

  test("shows a picture before its library has run, and then the one that can be moved in its place", async () => {
    const watched = await browser.newPage({ viewport: { width: 1300, height: 850 } });
    await watched.addInitScript(`new MutationObserver(() => {
      const { dataset } = document.documentElement;
      const picture = document.querySelector("canvas.first");
      if (dataset.drawnMs !== undefined || window.seen || !picture) return;
      const colours = new Uint32Array(picture.getContext("2d").getImageData(0, 0, picture.width, picture.height).data.buffer);
      window.seen = { library: typeof cytoscape, colours: new Set(colours).size, rows: document.querySelectorAll("tbody tr").length };
    }).observe(document, { subtree: true, attributes: true, childList: true });`);
    await open(loadPlan("topologies/fleet.yaml").plan, new Map(), watched);
    const seen = await watched.evaluate<{ library: string; colours: number; rows: number }>("window.seen");
    expect(seen).toMatchObject({ library: "undefined", rows: 0 });
    expect(seen.colours).toBeGreaterThan(3);
    expect(await watched.locator("canvas.first").count()).toBe(0);
    expect(await watched.locator("#peer-rows tr").count()).toBe(212);
    await watched.close();
  });

  test("finds by search, says how much it has found, and fades the rest", async () => {
    await open(twelve());
    await page.keyboard.press("/");
    await page.keyboard.type("asia-depot");
    expect(await page.locator("#count").textContent()).toBe("1 of 12 peers, 1 of 42 links");
    expect(await rows("peer-rows").locator("button").allTextContents()).toEqual(["bp-asia-depot"]);
    expect([await faded("bp-asia-depot"), await faded("bp-asia-dc-1"), await faded("bp-europe-dc-1")]).toEqual([
      false,
      false,
      true,
    ]);
    await page.getByRole("button", { name: "Reset" }).click();
    await expect.poll(() => page.locator("#count").textContent()).toBe("12 of 12 peers, 42 of 42 links");
  });

  test("filters by app, collection, peer, label and state", async () => {
    await withFailure();
    const count = async (field: string, value: string) => {
      await page.getByLabel(field, { exact: true }).selectOption(value);
      const told = await page.locator("#count").textContent();
      await page.getByLabel(field, { exact: true }).selectOption("");
      return told;
    };
    expect(await count("App", "retail")).toBe("9 of 12 peers, 36 of 42 links");
    expect(await count("Collection", "orders")).toBe("9 of 12 peers, 6 of 42 links");
    expect(await count("Peer", "bp-asia-dc-1")).toBe("1 of 12 peers, 10 of 42 links");
    expect(await count("Label", "region=asia")).toBe("4 of 12 peers, 23 of 42 links");
    expect(await count("State", "verify: problem")).toBe("2 of 12 peers, 1 of 42 links");
  });

  test("shows what is clicked: a peer, a link, and nothing", async () => {
    await withFailure();
    const peer = await placeOf("bp-asia-depot");
    await page.mouse.click(peer.x, peer.y);
    expect(await title()).toBe("Peer bp-asia-depot");
    expect(await page.locator("#details").textContent()).toContain("BigPeer ditto/bp-asia-depot");
    const link = await placeOf("stock-asia/bp-asia-depot/bp-asia-dc-1");
    await page.mouse.click(link.x, link.y);
    expect(await title()).toBe("Link of stock-asia: bp-asia-depot to bp-asia-dc-1");
    const details = await page.locator("#details").textContent();
    for (const part of ["bp.asia-dc-1.example.com:", "stock: amount > 0", "trusts the CA of", "did not arrive"])
      expect(details).toContain(part);
    const { x = 0, y = 0 } = (await page.locator("#canvas").boundingBox()) ?? {};
    await page.mouse.click(x + 3, y + 3);
    expect(await title()).toBe("Nothing is selected");
  });

  test("shows a cluster in which no peer runs, finds it, and tells of it", async () => {
    await open(thirteen());
    const place = await placeOf("cluster new-site");
    await page.mouse.click(place.x, place.y);
    expect(await title()).toBe("Cluster new-site");
    expect(await page.locator("#details").textContent()).toContain("no peer of the topology runs in it");
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("new-site");
    await page.keyboard.press("/");
    await page.keyboard.type("new-site");
    expect(await rows("cluster-rows").locator("button").allTextContents()).toEqual(["new-site"]);
    expect(await faded("cluster new-site")).toBe(false);
    await page.getByLabel("App", { exact: true }).selectOption("retail");
    expect(await faded("cluster new-site")).toBe(true);
    await open(twelve());
    expect(await page.getByRole("table", { name: "Clusters without a peer" }).count()).toBe(0);
  });

  test("is used by the keyboard alone: lists, details and back, and the picture", async () => {
    await open(twelve());
    await page.locator("#peer-rows button").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await title()).toBe("Peer bp-europe-dc-2");
    expect(await page.evaluate("document.activeElement.id")).toBe("details-title");
    expect(await page.locator("#peer-rows button[aria-pressed=true]").allTextContents()).toEqual(["bp-europe-dc-2"]);
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("bp-europe-dc-2");
    const before = await placeOf("bp-europe-dc-2");
    await page.locator("#canvas").focus();
    await page.keyboard.press("ArrowRight");
    const after = await placeOf("bp-europe-dc-2");
    expect(after.x).toBeLessThan(before.x);
    const zoom = () => page.evaluate<number>(`document.getElementById("canvas")._cyreg.cy.zoom()`);
    const level = await zoom();
    await page.keyboard.press("+");
    expect(await zoom()).toBeGreaterThan(level);
  });

  test("has a name for each field, and roles and states that a screen reader tells", async () => {
    await withFailure();
    for (const name of ["Search ( / )", "App", "Collection", "Peer", "Label", "State", "Colour by"])
      expect(await page.getByLabel(name, { exact: true }).count(), name).toBe(1);
    expect(await page.getByRole("table", { name: "Peers" }).count()).toBe(1);
    expect(await page.getByRole("table", { name: "Links" }).count()).toBe(1);
    expect(await page.getByRole("status").textContent()).toMatch(/of 12 peers/);
    const unnamed = await page.evaluate<string[]>(`[...document.querySelectorAll("button, input, select")]
      .filter((field) => !field.textContent.trim() && !field.ariaLabel && !field.labels?.length).map((field) => field.outerHTML)`);
    expect(unnamed).toEqual([]);
    expect(await page.locator("#link-rows tr", { hasText: "bp-asia-depot" }).first().textContent()).toContain(
      "\u2717 problem",
    );
  });

  test.each(["light", "dark"] as const)("every text and line has enough contrast, %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await withFailure();
    await page.locator("#link-rows tr", { hasText: "bp-asia-depot" }).first().locator("button").click();
    const texts = await page.evaluate<{ words: string; colour: string; paper: string }[]>(`(() => {
      const paperOf = (element) => {
        const { backgroundColor } = getComputedStyle(element);
        return backgroundColor === "rgba(0, 0, 0, 0)" && element.parentElement ? paperOf(element.parentElement) : backgroundColor;
      };
      return [...document.querySelectorAll("body *")]
        .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
        .filter((element) => element.tagName !== "SCRIPT" && element.tagName !== "OPTION")
        .map((element) => ({ words: element.textContent.trim().slice(0, 40), colour: getComputedStyle(element).color, paper: paperOf(element) }));
    })()`);
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter(({ colour, paper }) => contrast(colour, paper) < leastTextContrast)).toEqual([]);
    const shapes = await page.evaluate<
      { id: string; ink: string; line: string; fill: string; edge: boolean }[]
    >(`(() => {
      const { cy } = document.getElementById("canvas")._cyreg;
      return cy.elements().map((each) => ({
        id: each.id(),
        ink: each.style("color"),
        line: each.style(each.isEdge() ? "line-color" : "border-color"),
        fill: each.style("background-color"),
        edge: each.isEdge(),
      }));
    })()`);
    const paper = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    for (const { id, ink, line, fill, edge } of shapes) {
      expect(contrast(line, paper), `the line of ${id}`).toBeGreaterThanOrEqual(leastLineContrast);
      if (!edge) expect(contrast(ink, fill), `the name of ${id}`).toBeGreaterThanOrEqual(leastTextContrast);
    }
    await page.emulateMedia({ colorScheme: "light" });
  });

  test("follows a change of the colour scheme while it is open", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await open(twelve());
    const ink = () =>
      page.evaluate<string>(`document.getElementById("canvas")._cyreg.cy.nodes("[!box]").first().style("color")`);
    const light = await ink();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(ink).not.toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
  });
});
