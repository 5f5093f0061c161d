import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadPlan, planText } from "../../../../topology/check.ts";
import { withBreaks } from "../../../../topology/graph/breaks.ts";
import { arrowLines, regionTitle } from "../../../../topology/graph/labels.ts";
import { mergeDrawings } from "../../../../topology/graph/merge.ts";
import { type Drawing, drawingOf } from "../../../../topology/graph/model.ts";
import {
  composed,
  composedChanges,
  type GraphFormat,
  pictureOf,
  tooLarge,
} from "../../../../topology/graph/picture.ts";
import { usualGrouping } from "../../../../topology/graph/regions.ts";
import { manyReplications, regionsAndShops, twelveClusters } from "../../../support/large-topologies.ts";

const twoClusters = readFileSync("topologies/two-clusters.yaml", "utf8");
const dev = readFileSync("topologies/dev.yaml", "utf8");

const drawn = (text: string, groupBy?: string) => drawingOf(planText(text).plan, groupBy);
const draw = (drawing: Drawing, format: GraphFormat) => pictureOf(drawing, format, "a title");

/** Arrows as a line each: `bp1 (dials) <-> bp2`. */
function arrows({ arrows }: Drawing): string[] {
  const end = (id: string, dials: boolean) => `${id.slice(id.indexOf("/") + 1)}${dials ? " (dials)" : ""}`;
  return arrows.map(
    ({ from, to, both, dialler, replication, mark }) =>
      `${mark ? `${mark} ` : ""}${replication}: ${end(from, dialler === "from")} ${both ? "<->" : "->"} ${end(to, dialler === "to")}`,
  );
}

const labels = ({ clusters }: Drawing) => clusters.flatMap(({ peers }) => peers.map(({ label }) => label));

/** A hub and five spokes, some in clusters of their own. */
const hub = (change: { spokes?: string; replications?: string; version?: string } = {}) => `
clusters:
  central: { ingress: { host: bp.central.example.com } }
  shop-1: { inbound: none }
  shop-2: { inbound: none }
  shop-12: { inbound: none }
  depot: {}
peers:
  hub: { cluster: central, version: 1.63.2 }
  shop-1: { cluster: shop-1, version: 1.63.2 }
  shop-2: { cluster: shop-2, version: ${change.version ?? "1.63.2"} }
  shop-12: { cluster: shop-12, version: 1.63.2 }
apps:
  retail: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, shop-1, shop-2, shop-12] }
replications:
${change.replications ?? `  retail: { app: retail, hub: hub, spokes: [shop-1, shop-2, shop-12], up: { orders: ["paid = true"] }, down: { menu: ["valid = true"] } }`}
`;

const ownStock = ["shop-1", "shop-2", "shop-12"]
  .map(
    (shop) =>
      `  stock-${shop}: { app: retail, from: hub, to: ${shop}, dial: to, queries: { stock: ["shop = '${shop}'"] } }`,
  )
  .join("\n");

describe("a drawing", () => {
  test("has an arrow per direction of data, and tells who dials from where data goes", () => {
    expect(arrows(drawn(twoClusters))).toEqual(["blue-cars: bp1 (dials) <-> bp2", "red-cars: bp1 -> bp2 (dials)"]);
  });

  test("has a port at the border only where somebody dials from another cluster", () => {
    const ports = ({ clusters }: Drawing) => clusters.map(({ id, ports }) => `${id}: ${ports.length}`);
    expect(ports(drawn(twoClusters))).toEqual(["east: 1", "west: 1"]);
    expect(ports(drawn(dev))).toEqual(["dev: 0"]);
    for (const { port } of drawn(dev).arrows) expect(port).toBeUndefined();
  });

  test("of a hub has what goes up and what comes down apart", () => {
    expect(arrows(drawn(hub())).slice(0, 2)).toEqual([
      "retail: shop-1 (dials) -> hub",
      "retail: hub -> shop-1 (dials)",
    ]);
  });

  test("shows a cluster without peers, and one that nobody can dial into as such", () => {
    const { clusters } = drawn(hub());
    expect(clusters.map(({ id, closed, peers }) => [id, closed, peers.length])).toContainEqual(["depot", false, 0]);
    expect(clusters.map(({ id, closed }) => [id, closed])).toContainEqual(["shop-1", true]);
  });
});

describe("narrowed", () => {
  test("to an app, it has the replications of that app and the peers of those", () => {
    const { arrows, clusters } = composed(drawn(regionsAndShops(3, 2)), { apps: ["audit"] });
    expect(new Set(arrows.map(({ app }) => app))).toEqual(new Set(["audit"]));
    expect(clusters.map(({ id }) => id)).toEqual(["hub-1", "hub-2", "hub-3"]);
  });

  test("to a peer, it has what that peer has to do with, and the ports that it uses", () => {
    const shown = composed(drawn(regionsAndShops(3, 2)), { peers: ["shop-2-1"] });
    expect(labels(shown)).toEqual(["hub-2", "shop-2-1"]);
    expect(shown.clusters.map(({ ports }) => ports.length)).toEqual([2, 0]);
  });

  test("to a peer that replicates with nobody, it has that peer", () => {
    const alone = hub().replace("    shop-12]", "").replace(", shop-12], up", "], up");
    const shown = composed(drawn(alone), { peers: ["shop-12"] });
    expect([labels(shown), shown.arrows]).toEqual([["shop-12"], []]);
  });
});

describe("equal spokes", () => {
  test("are drawn as one, with how many they are", () => {
    const shown = composed(drawn(hub()), {});
    expect(labels(shown)).toEqual(["hub", "3 peers"]);
    expect(shown.clusters.map(({ label }) => label)).toContain("3 clusters: shop-1 to shop-12");
    expect(shown.arrows).toHaveLength(2);
    expect(composed(drawn(hub()), { group: false })).toEqual(drawn(hub()));
  });

  test("are not those of another version, nor the members of a mesh", () => {
    expect(labels(composed(drawn(hub({ version: "1.63.1" })), {}))).toEqual(["hub", "shop-1", "shop-2", "shop-12"]);
    const mesh = `  retail: { app: retail, mesh: [hub, shop-1, shop-2, shop-12], queries: { orders: ["paid = true"] } }`;
    const open = hub({ replications: mesh }).replaceAll("inbound: none", "ingress: { host: bp.shop.example.com }");
    const hosts = ["one", "two", "three"];
    const apart = open.replace(/bp\.shop/g, () => `bp.${hosts.pop()}`);
    expect(labels(composed(drawn(apart), {}))).toEqual(["hub", "shop-1", "shop-2", "shop-12"]);
  });

  test("may have a replication and a query each that hold their own name", () => {
    const shown = composed(drawn(hub({ replications: ownStock })), {});
    expect(labels(shown)).toEqual(["hub", "3 peers"]);
    expect(shown.arrows.map(({ replication, queries }) => [replication, queries])).toEqual([
      ["stock-{peer}", ["stock: shop = '{peer}'"]],
    ]);
    expect(shown.clusters.flatMap(({ ports }) => ports.map(({ label }) => label))).toEqual(["a port each"]);
  });

  test("are not equal where one of them subscribes to what is another's", () => {
    const swapped = ownStock.replace("shop = 'shop-1'", "shop = 'shop-12'");
    expect(labels(composed(drawn(hub({ replications: swapped })), {}))).toEqual(["hub", "shop-1", "shop-2", "shop-12"]);
  });
});

describe("a mesh", () => {
  test("is one node with an arrow from each peer, through its port where others dial it", () => {
    const { meshes, arrows: drawnArrows, clusters } = composed(drawn(twelveClusters()), {});
    expect(meshes.map(({ replication, peers, links }) => [replication, peers, links])).toEqual([["catalogue", 9, 36]]);
    const members = drawnArrows.filter(({ bundle }) => bundle);
    expect(members).toHaveLength(9);
    expect(members.filter(({ port }) => port === undefined).map(({ from }) => from)).toEqual([
      "europe-dc-1/bp-europe-dc-1",
    ]);
    const ports = new Set(clusters.flatMap((cluster) => cluster.ports.map(({ id }) => id)));
    for (const { port } of members) if (port !== undefined) expect(ports).toContain(port);
  });

  test("has its queries and its size in words, in every format", async () => {
    const drawing = composed(drawn(twelveClusters()), {});
    for (const format of ["svg", "mermaid", "dot"] as const) {
      const text = await draw(drawing, format);
      expect(text).toContain("mesh of 9 peers, 36 links");
      // An SVG has them in the title of each line, too, for whoever points at it.
      if (format !== "svg") expect(text.match(/published = true/g), format).toHaveLength(1);
    }
  });

  test("has its links one by one if nothing is to be grouped, or for one peer", () => {
    const all = drawn(twelveClusters());
    expect(composed(all, { group: false }).meshes).toEqual([]);
    const one = composed(all, { peers: ["bp-asia-dc-3"] });
    expect([one.meshes, one.arrows.map(({ links }) => links)]).toEqual([[], [8]]);
    expect(labels(one)).toContain("8 peers");
  });

  test("of two peers is a link", () => {
    expect(composed(drawn(regionsAndShops(2, 1)), {}).meshes).toEqual([]);
  });
});

describe("regions", () => {
  const fleet = () => loadPlan("topologies/fleet.yaml").plan;

  test("are boxes around the clusters with the same label, with how many they are", async () => {
    const drawing = composed(drawn(twelveClusters(), "region"), {});
    // In Mermaid, boxes in boxes of so many clusters would be too wide for a comment: each says its region itself.
    expect((await draw(drawing, "mermaid")).match(/, region asia"/g)).toHaveLength(4);
    for (const format of ["svg", "dot"] as const)
      for (const region of ["europe", "north", "asia"])
        expect(await draw(drawing, format)).toContain(`region ${region} (4 clusters)`);
  });

  test("are those of the peers where a cluster has no label", () => {
    const text = twelveClusters()
      .replaceAll(/labels: \{ region: \w+ \}, /g, "")
      .replaceAll(/bp-(asia\S+): \{ /g, "bp-$1: { labels: { region: asia }, ");
    const regions = drawn(text, "region").clusters.map(({ region }) => region);
    expect(regions.filter((region) => region === "region asia")).toHaveLength(4);
    expect(regions.filter((region) => region === undefined)).toHaveLength(8);
  });

  test("are drawn by default where a usual label tells clusters apart", () => {
    expect(usualGrouping(planText(twelveClusters()).plan)).toBe("region");
    expect(
      usualGrouping(planText(twelveClusters().replaceAll(/region: (?:north|asia)/g, "region: europe")).plan),
    ).toBeUndefined();
    expect(usualGrouping(planText(dev).plan)).toBeUndefined();
  });

  test("keep equal peers of different regions apart", () => {
    const star = hub({})
      .replace("shop-1: { inbound", "shop-1: { labels: { region: north }, inbound")
      .replace("shop-2: { inbound", "shop-2: { labels: { region: south }, inbound");
    expect(labels(composed(drawn(star), {}))).toEqual(["hub", "3 peers"]);
    expect(labels(composed(drawn(star, "region"), {}))).toEqual(["hub", "shop-1", "shop-2", "shop-12"]);
  });

  test("of 212 clusters are collapsed by themselves: each has its hubs and its shops, and counts", () => {
    const { clusters, arrows, meshes } = composed(drawingOf(fleet(), "region"), {});
    expect(clusters.map(({ region, label, peers }) => [region, label, peers.map(({ label }) => label)])).toEqual(
      ["europe", "america", "asia", "oceania"]
        .flatMap((region) => [[`region ${region}`, "3 clusters", ["3 peers"]]])
        .concat(
          ["europe", "america", "asia", "oceania"].map((region) => [`region ${region}`, "50 clusters", ["50 peers"]]),
        ),
    );
    expect(regionTitle("region asia", clusters)).toBe("region asia (53 clusters)");
    expect(meshes.map(({ peers, links }) => [peers, links])).toEqual([[12, 66]]);
    expect(arrows.filter(({ bundle }) => bundle)).toHaveLength(4);
    const shops = arrows.filter(({ bundle }) => !bundle);
    expect(shops).toHaveLength(8);
    for (const arrow of shops) {
      expect([arrow.replication, arrow.links]).toEqual(["3 replications", 50]);
      expect(arrowLines(arrow)).toContain("50 links");
    }
    expect(shops.find(({ both, from }) => !both && from.startsWith("hub"))?.queries).toContain("stock: 50 queries");
  });

  test("are open where that is asked for, and collapsed where that is", () => {
    const open = composed(drawingOf(fleet(), "region"), { collapse: false });
    expect(labels(open).filter((label) => label.startsWith("hub-"))).toHaveLength(12);
    const small = drawn(twelveClusters(), "region");
    expect(labels(composed(small, {}))).toHaveLength(12);
    const versions = composed(drawn(hub({ version: "1.63.1" })), { collapse: true });
    expect(labels(versions)).toEqual(["hub", "3 peers"]);
    const details = versions.clusters.flatMap(({ peers }) => peers.map(({ detail }) => detail));
    expect(details).toContain("shop-1 to shop-12 (2 versions)");
  });
});

describe("a comparison", () => {
  const compared = (before: string, after: string) => mergeDrawings(drawn(before), drawn(after));
  const marks = ({ clusters }: Drawing) =>
    clusters.flatMap(({ id, mark, peers, ports }) => [
      ...(mark ? [`${mark} cluster ${id}`] : []),
      ...peers.flatMap((peer) => (peer.mark ? [`${peer.mark} ${peer.id}`] : [])),
      ...ports.flatMap((port) => (port.mark ? [`${port.mark} port ${port.id}`] : [])),
    ]);

  test("of equal topologies marks nothing", () => {
    const same = compared(dev, dev);
    expect(marks(same)).toEqual([]);
    expect(arrows(same)).toEqual(arrows(drawn(dev)));
  });

  test("marks what comes and what goes", () => {
    const fewer = hub({ replications: ownStock.split("\n").slice(0, 2).join("\n") });
    expect(arrows(compared(fewer, hub({ replications: ownStock })))).toContain(
      "added stock-shop-12: hub -> shop-12 (dials)",
    );
    const gone = compared(hub({ replications: ownStock }), fewer);
    expect(arrows(gone)).toContain("removed stock-shop-12: hub -> shop-12 (dials)");
    expect(marks(gone)).toEqual(["removed port central/stock-shop-12/hub"]);
  });

  test("shows the queries before and after, and a turned connection as changed", () => {
    const [blue] = compared(dev, dev.replace("color = 'blue'", "color = 'green'")).arrows;
    expect([blue?.mark, blue?.queries]).toEqual(["changed", ["- cars: color = 'blue'", "+ cars: color = 'green'"]]);
    const turned = dev.replace("between: [bp1, bp2]", "between: [bp1, bp2], dial: bp2");
    expect(arrows(compared(dev, turned))[0]).toBe("changed blue-cars: bp2 (dials) <-> bp1");
    expect(arrowLines(compared(dev, turned).arrows[0] ?? never()).slice(-2)).toEqual(["- bp1 dials", "+ bp2 dials"]);
  });

  test("draws a peer that moves in both places", () => {
    const moved = twoClusters.replace("bp2: { cluster: west", "bp2: { cluster: east");
    expect(marks(compared(twoClusters, moved))).toEqual(expect.arrayContaining(["removed west/bp2", "added east/bp2"]));
  });

  test("of large topologies leaves out what stays as it is", () => {
    const [before, after] = [regionsAndShops(5, 14), regionsAndShops(5, 14, { price: "valid = false" })];
    const shown = composedChanges(compared(before, after), {});
    expect(shown.arrows.every(({ mark }) => mark === "changed")).toBe(true);
    const hubs = ["hub-1", "hub-2", "hub-3", "hub-4", "hub-5"];
    expect(labels(shown)).toEqual([...hubs, ...hubs.map(() => "14 peers")]);
  });

  test("marks the links that the change breaks, and no others", () => {
    const [before, after] = [drawn(hub({ replications: ownStock })), drawn(hub({ replications: ownStock }))];
    const merged = withBreaks(mergeDrawings(before, after), [
      { replication: "stock-shop-2", peers: ["shop-2", "hub"] },
      { replication: "stock-shop-12", peers: ["shop-1", "hub"] },
    ]);
    const breaking = merged.arrows.filter(({ breaks }) => breaks);
    expect(breaking.map(({ replication }) => replication)).toEqual(["stock-shop-2"]);
    expect(breaking.flatMap(arrowLines)).toContain("! breaks once");
    expect(labels(composed(merged, {})), "it is not equal to those that stay connected").toContain("shop-2");
  });

  test("does not mark a link as breaking that is gone", () => {
    const gone = compared(hub({ replications: ownStock }), hub({ replications: ownStock.split("\n")[0] ?? "" }));
    const merged = withBreaks(gone, [{ replication: "stock-shop-2", peers: ["hub", "shop-2"] }]);
    expect(merged.arrows.filter(({ breaks }) => breaks)).toEqual([]);
  });

  test("shows a peer that joins a mesh at the mesh, without the peers that were in it", () => {
    const meshed = (members: string) => regionsAndShops(5, 8).replace(/mesh: \[.*?\]/, `mesh: [${members}]`);
    const all = "hub-1, hub-2, hub-3, hub-4";
    const shown = composedChanges(compared(meshed(all), meshed(`${all}, hub-5`)), {});
    expect(arrows(shown)).toEqual(["added backbone: hub-5 <-> mesh backbone (dials)"]);
    expect(shown.meshes.map(({ peers, links, mark }) => [peers, links, mark])).toEqual([[5, 10, undefined]]);
  });
});

describe("every format", () => {
  const nasty = dev.replace("color = 'blue'", "color = '<x>&]]|\\\\\\u0007\\n}\\\"--'");

  test("shows every cluster, peer, replication and query", async () => {
    for (const format of ["svg", "mermaid", "dot"] as const) {
      const text = await draw(drawn(twoClusters), format);
      for (const word of ["east", "west", "bp1", "bp2", "1.63.2", "blue-cars", "red-cars", ":4117"])
        expect(text).toContain(word);
    }
  });

  test("keeps the text of a query a text", async () => {
    const svg = await draw(drawn(nasty), "svg");
    expect(svg).toContain("&lt;x&gt;&amp;]]|");
    expect(svg).not.toContain("<x>");
    expect(svg).not.toContain("\u0007");
    const dot = await draw(drawn(nasty), "dot");
    expect(dot).toContain(String.raw`\"--`);
    for (const line of dot.split("\n")) expect(line.replace(/\\./g, "").match(/"/g)?.length ?? 0).toSatisfy(even);
    const mermaid = await draw(drawn(nasty), "mermaid");
    expect(mermaid).toContain("#60;x#62;#38;#93;#93;#124;");
    for (const line of mermaid.split("\n")) expect(line.match(/"/g)?.length ?? 0).toSatisfy(even);
  });

  test("says in Mermaid who dials which port, and in DOT by a dot at that end", async () => {
    const mermaid = await draw(drawn(twoClusters), "mermaid");
    expect(mermaid).toContain("(bp1 dials :4117)");
    expect(mermaid).toContain("(bp2 dials :4088)");
    expect(await draw(drawn(twoClusters), "dot")).toContain("arrowtail=none, arrowhead=dotnormal");
  });

  test("as SVG stands alone: no script, no font, nothing from the network, both colour schemes", async () => {
    const svg = await draw(drawn(twoClusters), "svg");
    expect(svg).not.toMatch(/<script|@import|@font-face|url\(|href|on\w+=/);
    expect(svg.match(/https?:\/\/[^"]+/g)).toEqual(["http://www.w3.org/2000/svg"]);
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg).toContain("<title>a title</title>");
  });
});

function never(): never {
  throw new Error("a drawing without arrows");
}

function even(n: number): boolean {
  return n % 2 === 0;
}

describe("bigpeer graph", () => {
  const graph = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((done) => {
      const child = execFile(process.execPath, ["cli/bigpeer.js", "graph", ...args], (_error, out, err) =>
        done({ code: child.exitCode ?? -1, out, err }),
      );
    });

  test("prints Mermaid, and writes a file in the format of its name", async () => {
    const directory = mkdtempSync(join(tmpdir(), "bigpeer-graph-"));
    try {
      expect((await graph("topologies/dev.yaml")).out).toMatch(/^flowchart LR\n/);
      const file = join(directory, "picture.svg");
      expect(await graph("topologies/dev.yaml", "-o", file)).toEqual({ code: 0, out: "", err: "" });
      expect(readFileSync(file, "utf8")).toMatch(/^<svg /);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("gives what it would draw as JSON", async () => {
    const { out } = await graph("topologies/dev.yaml", "--json");
    expect(JSON.parse(out)).toEqual({ version: 1, ...JSON.parse(JSON.stringify(drawn(dev))) });
  });

  test.each([
    [["--peer", "bp3"], "topologies/dev.yaml has no peer bp3; it has bp1, bp2"],
    [
      ["--group-by", "tier"],
      "no cluster and no peer of topologies/dev.yaml has the label tier; no cluster and no peer there has any label",
    ],
    [["--app", "trucks"], "topologies/dev.yaml has no app trucks; it has cars"],
    [["--format", "png"], "no format png; use mermaid, svg, dot, html"],
    [
      ["--out", "picture.png"],
      "the ending of picture.png does not name a format; use .svg, .dot, .gv, .mmd, .html, .htm",
    ],
    [["--out", "no/such/folder.svg"], "cannot write no/such/folder.svg: ENOENT"],
  ])("refuses %j with exit code 2", async (args, said) => {
    const { code, err } = await graph("topologies/dev.yaml", ...args);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  });

  test("draws boxes by the label that is asked for, or none", async () => {
    const fleet = "topologies/fleet.yaml";
    expect((await graph(fleet)).out).toContain('["region oceania (53 clusters)"]');
    expect((await graph(fleet, "--group-by", "tier")).out).toContain('["tier shop (200 clusters)"]');
    expect((await graph(fleet, "--no-group-by")).out.includes("(53 clusters)")).toBe(false);
    expect((await graph(fleet, "--no-collapse")).out).toContain("hub-eu-1");
  });

  test("refuses a picture that nobody could read, and says what to do", () => {
    const large = drawn(manyReplications(40, 400));
    expect(tooLarge(large, "svg")).toMatch(
      /^400 arrows are too many: svg can show at most 300; narrow the picture with --app or --peer/,
    );
    expect([tooLarge(large, "mermaid"), tooLarge(large, "dot")]).toEqual([undefined, undefined]);
    expect(tooLarge(composed(large, { peers: ["peer-3"] }), "svg")).toBeUndefined();
  });

  test("of a topology with errors shows its findings and exits with 1", async () => {
    const { code, err } = await graph("test/bad/unknown-reference.yaml");
    expect([code, err]).toEqual([1, expect.stringContaining("unknown-reference")]);
  });
});
