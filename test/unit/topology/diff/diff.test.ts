import { describe, expect, test } from "vitest";
import { commentLimit } from "../../../../report/markdown.ts";
import { checkSource } from "../../../../topology/check.ts";
import { type DiffSide, diffTopologies } from "../../../../topology/diff/compare.ts";
import { formatDiffMarkdown } from "../../../../topology/diff/markdown.ts";
import { topologyDiffSchema } from "../../../../topology/diff/schema.ts";
import { formatDiffText } from "../../../../topology/diff/text.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { manyReplications } from "../../../support/large-topologies.ts";

const same = (text: string) => text;
const plainColours = { bold: same, green: same, red: same, yellow: same };

function side(name: string, text: string): DiffSide {
  return { name, ...checkSource(parseSource(`${name}.yaml`, text)) };
}

const topology = (change: { replications?: string; bp3?: string; id?: string } = {}) => `
clusters:
  east: { ingress: { host: bp.east.example.com } }
  west: { ingress: { host: bp.west.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
  bp3: ${change.bp3 ?? "{ cluster: west, version: 1.63.2 }"}
apps:
  cars: { id: ${change.id ?? "2164bef3-37c0-489c-9ac6-c94b034525d7"}, peers: [bp1, bp2, bp3] }
replications:
${change.replications ?? pair() + onward()}`;

function pair(more = "", query = "color IN ('blue', 'red')", collection = "cars") {
  return `  pair: { app: cars, between: [bp1, bp2], queries: { ${collection}: ["${query}"] }${more} }\n`;
}

function onward(query = "color IN ('blue', 'red')") {
  return `  onward: { app: cars, from: bp2, to: bp3, queries: { cars: ["${query}"] } }\n`;
}

const changed = (change: Parameters<typeof topology>[0]) =>
  diffTopologies(side("base", topology()), side("head", topology(change)));

describe("a diff", () => {
  test("of equal topologies is empty, and says so", () => {
    const diff = changed({});
    expect(diff.objects).toEqual([]);
    expect(diff.summary).toBe("The topology does not change.");
  });

  test("of a narrowed query says who gets fewer documents, and to whom others no longer come over third peers", () => {
    const diff = changed({ replications: pair("", "color = 'blue'") + onward() });
    expect(diff.flows.map(({ effect, from, to }) => [effect, from, to])).toEqual([
      ["narrows", "bp1", "bp2"],
      ["narrows", "bp2", "bp1"],
    ]);
    expect(diff.arrivals).toMatchObject([
      { effect: "narrows", from: ["bp1"], to: ["bp3"], sample: '{"color":"red"}', collection: "cars" },
    ]);
    expect(formatDiffText(diff, plainColours)).toContain(
      '! cars (cars)  bp1 -> bp3, via others: no longer such as {"color":"red"}\n',
    );
    expect(diff.interruptions).toEqual([]);
  });

  test("of a connection that ends between two peers says whether their documents go another way", () => {
    const ring = (...more: string[]) => topology({ replications: [pair(), onward(), ...more].join("") });
    const direct = `  direct: { app: cars, from: bp1, to: bp3, queries: { cars: ["color = 'red'", "size = 1"] } }\n`;
    const ended = diffTopologies(side("base", ring(direct)), side("head", ring()));
    expect(ended.flows).toMatchObject([{ effect: "stops", from: "bp1", to: "bp3", overOthers: "some" }]);
    expect(formatDiffText(ended, plainColours)).toContain(
      "- cars (cars)  bp1 -> bp3: color = 'red' OR size = 1 (some still comes via others, by samples)\n",
    );
    const begun = diffTopologies(side("base", ring()), side("head", ring(direct.replace(', "size = 1"', ""))));
    expect(formatDiffText(begun, plainColours)).toContain(
      "+ cars (cars)  bp1 -> bp3: color = 'red' (came via others before, by samples)\n",
    );
  });

  test("of a path that carries nothing any more says that it ends, whatever else its parts carry", () => {
    const diff = changed({ replications: pair("", "color = 'blue'") + onward("color = 'red'") });
    expect(diff.arrivals.map(({ effect, from, to }) => [effect, from, to])).toContainEqual(["stops", ["bp1"], ["bp3"]]);
  });

  test("of what an app and a replication pass through names the entry and the field", () => {
    const app = (spec: string) => `2164bef3-37c0-489c-9ac6-c94b034525d7, spec: { shown: ${spec} }`;
    const diff = diffTopologies(
      side("base", topology({ id: app("Cars"), replications: pair(", spec: { rate: 5 }") + onward() })),
      side("head", topology({ id: app("Vans"), replications: pair(", spec: { rate: 6 }") + onward() })),
    );
    expect(diff.apps.map(({ name, fields }) => [name, fields])).toEqual([
      ["cars", [{ path: "spec.shown", before: "Cars", after: "Vans" }]],
    ]);
    expect(diff.replications.map(({ name, fields }) => [name, fields])).toEqual([
      ["pair", [{ path: "spec.rate", before: 5, after: 6 }]],
    ]);
  });

  test("of a turned connection tells it from the data, which stays", () => {
    const diff = changed({ replications: pair(", dial: bp2") + onward() });
    expect(diff.replications[0]?.links).toMatchObject([{ effect: "turned", initiator: "bp2", target: "bp1" }]);
    expect(diff.interruptions).toMatchObject([{ replication: "pair", peers: ["bp2", "bp1"] }]);
    expect(diff.ports.map(({ effect, cluster }) => `${effect} ${cluster}`)).toEqual(["opened east", "closed west"]);
    expect(diff.flows).toEqual([]);
  });

  test("of a pinned port says that the connection breaks off for it", () => {
    const diff = changed({ replications: pair(", port: 4040") + onward() });
    expect(diff.ports).toMatchObject([{ effect: "changed", port: 4040, cluster: "west" }]);
    expect(diff.interruptions[0]?.reasons[0]).toMatch(/^bp\.west\.example\.com:4040 is dialled instead of/);
    expect(formatDiffText(diff, plainColours)).toMatch(/! west: port 4040 leads to pair on bp2, before: port \d+\n/);
  });

  test("of a port that comes or goes says whose connections the controller's reload cuts, and of a new spoke nobody's", () => {
    const more = `  more: { app: cars, between: [bp1, bp2], port: 4050, queries: { vans: ["color = 'blue'"] } }\n`;
    const cut = (before: string, after: string) =>
      diffTopologies(side("base", before), side("head", after)).interruptions;
    const reload =
      /ingress-nginx\/ingress-nginx-controller of west reloads, and closes the connection within its worker-shutdown-timeout/;
    for (const [before, after] of [
      [topology(), topology() + more],
      [topology() + more, topology()],
    ] as const)
      expect(cut(before, after)).toMatchObject([
        { replication: "pair", peers: ["bp1", "bp2"], reasons: [expect.stringMatching(reload)] },
      ]);
    const hub = (spokes: string, east: string) =>
      topology({
        bp3: east,
        replications: `  star: { app: cars, hub: bp2, spokes: [${spokes}], up: { cars: "true" } }\n`,
      });
    const inEast = "{ cluster: east, version: 1.63.2 }";
    expect(cut(hub("bp1", inEast), hub("bp1, bp3", inEast))).toEqual([]);
  });

  test("of another ingress controller names the one before", () => {
    const edges = (bp2: string) =>
      topology()
        .replace("west: { ingress", "west: { ingresses: { edge: { host: edge.example.com, namespace: edge } }, ingress")
        .replace("bp2: { cluster: west", `bp2: { cluster: west${bp2}`);
    const diff = diffTopologies(side("base", edges("")), side("head", edges(", ingress: edge")));
    expect(diff.ports).toMatchObject([{ effect: "changed", ingress: "edge", before: { ingress: "default" } }]);
    expect(formatDiffText(diff, plainColours)).toMatch(
      /! west \(ingress edge\): port (\d+) leads to pair on bp2, before: west, port \d+\n/,
    );
    expect(diff.interruptions[0]?.reasons[0]).toMatch(/^edge\.example\.com:\d+ is dialled instead of/);
  });

  test("of a moved peer says that its store starts anew, and which objects are replaced", () => {
    const diff = changed({ bp3: "{ cluster: east, version: 1.63.2 }" });
    expect(diff.consequences.join()).toMatch(/bp3 is recreated in east\/ditto: its store starts empty/);
    const replaced = diff.objects.filter(({ action, role }) => action === "replace" && role === "object");
    expect(replaced.map(({ kind, from }) => `${kind} from ${from?.cluster}`)).toEqual([
      "BigPeer from west",
      "BigPeerApp from west",
      "Secret from west",
      "BigPeerReplication from west",
    ]);
    const text = formatDiffText(diff, plainColours);
    expect(text).toMatch(/Objects in west: .*4 to recreate elsewhere\n/);
    expect(text).toContain("- delete BigPeer ditto/bp3, recreated in east/ditto");
  });

  describe("of what would be lost", () => {
    const without = (text: string) => text.replace(/\n {2}bp3: .*/, "").replace(", bp3]", "]");
    const head = without(topology({ replications: pair() }));
    const refused = (before: string, after: string) =>
      diffTopologies(side("base", before), side("head", after)).refused.map(({ rule, path, severity, what }) =>
        [severity, rule, path, what].join(" "),
      );
    const stored = (size: string) =>
      topology({ bp3: `{ cluster: west, version: 1.63.2, store: { storage: ${size} } }` });

    test("says of a deleted peer that it is lost, and that the update refuses it", () => {
      const diff = diffTopologies(side("base", topology()), side("head", head));
      expect(diff.consequences).toEqual([
        "The Big Peer bp3 is deleted with its store: documents that only it held are lost.",
      ]);
      expect(diff.refused).toMatchObject([{ rule: "peer-removed", fix: expect.stringMatching(/^put it back: /) }]);
      expect(diff.summary).toContain("; pulumi up will refuse 1 loss;");
      expect(formatDiffText(diff, plainColours)).toContain(
        "Refused by pulumi up: 1 loss\n  ! error [peer-removed] peers.bp3: ",
      );
      expect(formatDiffMarkdown(diff)).toMatch(/^- \\\[peer-removed\\\] the Big Peer "bp3" would be deleted/m);
    });

    test("refuses a peer that is allowed to go, as long as the base has it protected", () => {
      const confirmed = `confirmRemoval: [bp3]\n${head}`;
      expect(refused(topology(), confirmed)).toEqual([
        expect.stringMatching(/peer-removed .*; the engine protects it until/),
      ]);
      expect(refused(`confirmRemoval: [bp3]\n${topology()}`, confirmed)).toEqual([]);
      expect(refused(topology(), `environment: development\n${head}`)).toEqual([
        expect.stringMatching(/peer-removed .*; the engine protects it until/),
      ]);
      expect(refused(`environment: development\n${topology()}`, `environment: development\n${head}`)).toEqual([]);
    });

    test("lets a store grow, and refuses a smaller one", () => {
      expect(refused(stored("10Gi"), stored("20Gi"))).toEqual([]);
      expect(refused(stored("20Gi"), stored("10Gi"))).toEqual([
        expect.stringMatching(/^error peer-replaced peers\.bp3 the store of .* would shrink from 20Gi to 10Gi/),
      ]);
    });

    test("refuses another name of an app, another ID, and to take it off a peer", () => {
      const renamed = topology().replace("\n  cars: {", "\n  vehicles: {").replaceAll("app: cars", "app: vehicles");
      expect(refused(topology(), renamed)).toEqual([expect.stringMatching(/^error app-removed apps\.cars /)]);
      expect(refused(topology(), topology({ id: "85d94eeb-b9be-4b2b-8c9f-7ebd3b6a1e1c" }))).toEqual([
        expect.stringMatching(/^error app-replaced apps\.cars\.id /),
      ]);
      const off = topology({ replications: pair() }).replace("peers: [bp1, bp2, bp3]", "peers: [bp1, bp2]");
      expect(refused(topology(), off)).toEqual([
        expect.stringMatching(/^error app-removed apps\.cars\.peers the app "cars" would be deleted on the peer "bp3"/),
      ]);
    });

    test("warns of an ID that is given to an app which had a generated one: it may be the same", () => {
      const generated = topology().replace("id: 2164bef3-37c0-489c-9ac6-c94b034525d7, ", "");
      expect(refused(generated, topology())).toEqual([expect.stringMatching(/^warning app-id-given /)]);
    });

    test("refuses a peer that moves, in the words of the stacks that the clusters have", () => {
      const moved = (text: string) => text.replace("bp3: { cluster: west", "bp3: { cluster: east");
      const split = topology().replace("east: {", "east: { stack: one,").replace("west: {", "west: { stack: two,");
      expect(refused(topology(), moved(topology()))).toEqual([
        expect.stringMatching(/peer-replaced .*another cluster/),
      ]);
      expect(refused(split, moved(split))).toEqual([expect.stringMatching(/peer-removed .*moved to another cluster/)]);
      const begun = moved(split).replace("stack: one,", "");
      expect(refused(topology(), begun)).toEqual([expect.stringMatching(/peer-replaced/)]);
    });

    test("refuses nothing of a topology that is new, and everything of a production one that is gone", () => {
      const gone = { ...side("gone", "clusters: {}\npeers: {}"), absent: "main has no gone.yaml" };
      const rules = ({ refused: all }: { refused: { rule: string }[] }) => all.map(({ rule }) => rule);
      expect(rules(diffTopologies(gone, side("head", topology())))).toEqual([]);
      const removed = ["peer-removed", "peer-removed", "peer-removed", "app-removed"];
      expect(rules(diffTopologies(side("base", topology()), gone))).toEqual(removed);
      const lax = diffTopologies(side("base", `environment: development\n${topology()}`), gone);
      expect([rules(lax), lax.settings]).toEqual([[], []]);
      expect(lax.summary).toMatch(/^The head lacks the file\. Changes/);
      expect(lax.consequences[0]).toBe(
        "The head lacks the file, so everything is shown as gone: main has no gone.yaml.",
      );
    });
  });

  test("of another version says which connections break off while the peer restarts", () => {
    const newer = topology().replaceAll("1.63.2", "1.63.3");
    const diff = diffTopologies(side("base", topology()), side("head", newer));
    expect(diff.interruptions).toMatchObject([
      {
        replication: "pair",
        peers: ["bp1", "bp2"],
        reasons: ["bp1", "bp2"].map((peer) => `${peer} restarts with version 1.63.3 instead of 1.63.2`),
      },
      {
        replication: "onward",
        peers: ["bp2", "bp3"],
        reasons: ["bp2", "bp3"].map((peer) => `${peer} restarts with version 1.63.3 instead of 1.63.2`),
      },
    ]);
  });

  test("of another version of the operator's API says that every object is made anew, and every connection", () => {
    const newer = `operator: { version: v1alpha2 }\n${topology()}`;
    const diff = diffTopologies(side("base", topology()), side("head", newer));
    expect(diff.operator).toEqual([{ path: "version", before: "v1alpha1", after: "v1alpha2" }]);
    expect(diff.interruptions.map(({ reasons }) => reasons)).toEqual([
      ["its objects are recreated as ditto.live/v1alpha2 BigPeerReplication"],
      ["its objects are recreated as ditto.live/v1alpha2 BigPeerReplication"],
    ]);
    expect(diff.consequences.filter((sentence) => sentence.includes("store starts empty"))).toHaveLength(3);
  });

  test("of an ingress controller whose arguments are set from now on says that it may restart", () => {
    const managed = topology().replaceAll("ingress: { host", "ingress: { manage: arguments, host");
    const diff = diffTopologies(side("base", topology()), side("head", managed));
    expect(diff.consequences).toEqual([
      "The ingress controller ingress-nginx-controller in west/ingress-nginx gets the flag --tcp-services-configmap if it has none: its pods restart, which breaks every connection through it once.",
    ]);
  });

  test("of the environment and the losses that it allows shows both", () => {
    const head = `environment: development\nconfirmRemoval: [bp3]\n${topology()}`;
    const diff = diffTopologies(side("base", topology()), side("head", head));
    expect(diff.summary).toMatch(/^Changes settings of the whole topology/);
    expect(formatDiffText(diff, plainColours)).toContain(
      "  ! environment: production -> development\n  ! confirmRemoval\n  +   bp3",
    );
  });

  test("says once what many peers of a replication have in common", () => {
    const hub = (query: string) =>
      `${pair()}  hub: { app: cars, hub: bp1, spokes: [bp2, bp3], down: { prices: ["${query}"] } }\n`;
    const [base, head] = ["valid = true", "valid = false"].map((query) => topology({ replications: hub(query) }));
    const text = formatDiffText(diffTopologies(side("base", base ?? ""), side("head", head ?? "")), plainColours);
    expect(text).toContain("-   bp2, bp3 pull prices: valid = true\n  +   bp2, bp3 pull prices: valid = false\n");
  });

  test("of a spoke that takes the place of another marks the one that comes and the one that goes", () => {
    const hub = (spoke: string) =>
      topology({
        replications: `  hub: { app: cars, hub: bp1, spokes: [bp2, ${spoke}], down: { prices: ["true"] } }\n`,
      });
    const head = hub("bp4").replace("  bp3: {", "  bp4: {").replace("bp2, bp3] }", "bp2, bp4] }");
    const text = formatDiffText(diffTopologies(side("base", hub("bp3")), side("head", head)), plainColours);
    expect(text).toMatch(/\+ {3}bp1 dials bp4 at |\+ {3}bp4 dials bp1 at /);
    expect(text).toMatch(/- {3}bp1 dials bp3 at |- {3}bp3 dials bp1 at /);
    expect(text).not.toMatch(/bp3, bp4|bp4, bp3/);
  });

  test("of a list shows what comes and what goes", () => {
    const text = formatDiffText(changed({ replications: pair() }), plainColours);
    expect(text).toContain(`spec.auth.trustedCASecrets\n  -     {"name":"bp2-trusts-bp3"}\n`);
    const swapped = topology().replace("peers: [bp1, bp2, bp3]", "peers: [bp1, bp3, bp2]");
    const order = formatDiffText(diffTopologies(side("base", topology()), side("head", swapped)), plainColours);
    expect(order).toContain("peers: different order");
  });

  test("of another app ID says that both ends must change at once, and which connections break off", () => {
    const diff = changed({ id: "85d94eeb-b9be-4b2b-8c9f-7ebd3b6a1e1c" });
    expect(diff.consequences.join()).toMatch(/The app cars gets a different ID/);
    expect(diff.interruptions.map(({ replication }) => replication)).toEqual(["pair", "onward"]);
  });

  test("of a renamed replication names the one that it takes the place of", () => {
    const diff = changed({ replications: `${pair().replace("pair:", "both:")}${onward()}` });
    expect(diff.interruptions).toMatchObject([
      { replication: "both", peers: ["bp1", "bp2"], reasons: ["it takes the place of pair"] },
    ]);
    expect(diff.flows).toEqual([]);
  });

  test("of a removed replication takes the trust away that nothing else needs", () => {
    const diff = changed({ replications: pair() });
    expect(diff.trust).toEqual([
      { effect: "removed", peer: "bp2", trusts: "bp3" },
      { effect: "removed", peer: "bp3", trusts: "bp2" },
    ]);
    const both = formatDiffText(
      diffTopologies(side("base", topology()), side("head", topology({ replications: "  {}" }))),
      plainColours,
    );
    expect(both).toContain("Trust: 1 change\n  - bp2 and each of bp1, bp3 trust each other\n");
    expect(diff.flows).toMatchObject([{ effect: "stops", from: "bp2", to: "bp3" }]);
    expect(formatDiffText(diff, plainColours)).toContain("- bp2 and bp3 trust each other");
  });

  test("of a head with errors gives its new findings and compares nothing else", () => {
    const diff = changed({ replications: onward().replace("bp3", "nobody") });
    expect(diff.unplanned).toEqual(["head"]);
    expect(diff.objects).toEqual([]);
    expect(diff.findings.new.map(({ severity }) => severity)).toContain("error");
    expect(diff.summary).toMatch(/^Not compared: the head has errors/);
  });

  test("never shows a secret", () => {
    const withToken = (token: string) =>
      topology({
        bp3: `
    cluster: west
    version: 1.63.2
    auth:
      webhooks: { own: { url: "https://${token}:secret@auth.example.com/" } } # bigpeer-ignore plain-secret: for the test
      playground:
        token: ${token} # bigpeer-ignore plain-secret: for the test`,
      }).replace("clusters:", "environment: development\nclusters:");
    const diff = diffTopologies(side("base", withToken("hunter2-before")), side("head", withToken("hunter2-after")));
    expect(diff.unplanned).toEqual([]);
    expect(diff.peers).toMatchObject([{ action: "changed", name: "bp3" }]);
    expect(diff.peers[0]?.fields.map(({ path }) => path)).toContain("auth.playground.token");
    for (const text of [JSON.stringify(diff), formatDiffText(diff, plainColours), formatDiffMarkdown(diff)])
      expect(text).not.toContain("hunter2");
  });

  test("as JSON is what its schema describes", () => {
    const diff = changed({
      replications: pair(", dial: bp2", "true", "trucks"),
      bp3: "{ cluster: east, version: 1.63.3 }",
    });
    expect(topologyDiffSchema.parse(JSON.parse(JSON.stringify(diff)))).toEqual(diff);
  });
});

describe("with 200 peers and 2,000 replications", () => {
  const large = side("base", manyReplications(200, 2000));

  test.each([
    [
      "one query",
      manyReplications(200, 2000).replace("owner = 'peer-7' AND part = 6\"", "owner = 'peer-8' AND part = 6\""),
    ],
    ["every query", manyReplications(200, 2000, { query: "color = 'blue'" })],
    ["every version", manyReplications(200, 2000).replaceAll("1.63.2", "1.63.3")],
  ])("where %s changes, it is complete and fits into a comment", (_, text) => {
    const head = side("head", text);
    const diff = diffTopologies(large, head);
    const markdown = formatDiffMarkdown(diff);
    expect(diff.unplanned).toEqual([]);
    expect(diff.arrivalsComplete).toBe(true);
    expect(diff.objects.length).toBeGreaterThan(0);
    expect(markdown.length).toBeLessThanOrEqual(commentLimit);
  });
});

describe("the comment", () => {
  test("has the summary first and folds the rest", () => {
    const markdown = formatDiffMarkdown(changed({ replications: pair() }));
    const [marker, , summary] = markdown.split("\n");
    expect(marker).toMatch(/^<!--/);
    expect(summary).toMatch(/^\*\*Changes replication onward \(removed\)/);
    expect(markdown).toContain("From `base` to `head`.");
    expect(markdown.split("<details>")).toHaveLength(markdown.split("</details>").length);
  });

  test("lets no query break out of its block, nor mention anybody", () => {
    const query = "color = '```</details>@everyone'";
    const markdown = formatDiffMarkdown(changed({ replications: pair("", query) }));
    const outside = markdown.split(/^(`{3,})diff\n[\s\S]*?\n\1$/m).join("");
    expect(markdown).toContain("@everyone");
    expect(outside).not.toMatch(/@everyone|<\/details>@|`{3}<\//);
  });

  test("stays under the limit however much changes, with counts and the largest changes", () => {
    const names = Array.from({ length: 300 }, (_, index) => `peer-${index}`);
    const large = (n: number) => `
clusters:
  east: { ingress: { host: bp.east.example.com, ports: 4000-9999 } }
peers:
${names
  .slice(0, n)
  .map((name) => `  ${name}: { cluster: east, version: 1.63.2 }`)
  .join("\n")}
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [${names.slice(0, n).join(", ")}] }
replications:
  all: { app: cars, hub: peer-0, spokes: [${names.slice(1, n).join(", ")}], down: { cars: ["color = '${"x".repeat(n)}'"] } }
`;
    const diff = diffTopologies(side("base", large(3)), side("head", large(300)));
    expect(diff.unplanned).toEqual([]);
    const markdown = formatDiffMarkdown(diff);
    expect(markdown.length).toBeLessThanOrEqual(commentLimit);
    expect(markdown.length).toBeGreaterThan(commentLimit / 4);
    expect(markdown).toMatch(/and \d+ more/);
    expect(formatDiffMarkdown(diff, { limit: 2000 }).length).toBeLessThanOrEqual(2000);
    expect(formatDiffMarkdown(diff, { limit: 300 })).toContain("Changes");
  });
});
