import { describe, expect, test } from "vitest";
import { exposureProblems } from "../../../status/exposure-conditions.ts";
import { statusOf } from "../../../status/report.ts";
import type { Observation } from "../../../status/status-row.ts";
import { checkSource, planText } from "../../../topology/check.ts";
import { type DiffSide, diffTopologies } from "../../../topology/diff/compare.ts";
import { topologyDiffSchema } from "../../../topology/diff/schema.ts";
import { parseSource } from "../../../topology/file/source.ts";
import { drawingOf } from "../../../topology/graph/model.ts";
import { deployGrants } from "../../../topology/objects/access.ts";
import { accessRules } from "../../../topology/objects/access-rules.ts";
import { clusterManifests } from "../../../topology/objects/cluster-manifests.ts";
import { renderFiles } from "../../../topology/render/files.ts";
import { leftToDo } from "../../../topology/render/left-to-do.ts";
import { plainSecrets } from "../../../topology/render/plain-secrets.ts";
import { refusals } from "../../../topology/render/refusals.ts";
import { exposedTopology } from "../../support/exposed-topology.ts";

const planOf = (west: string, replication = ", port: 4117") => planText(exposedTopology(west, { replication })).plan;
const gateway = "{ exposure: { gateway: { name: tcp, namespace: infra } } }";

describe("the rights of a deployment", () => {
  /** Those that no other way of exposing takes. */
  const rights = (west: string, replication?: string) => {
    const all = (text: string) =>
      [...accessRules(deployGrants(planOf(text, replication), "west"))].flatMap(([namespace, rules]) =>
        rules.map(({ apiGroups, resources, resourceNames, verbs }) =>
          [namespace ?? "*", `${apiGroups}/${resources}`, resourceNames?.join(",") ?? "*", verbs.join(",")].join(" "),
        ),
      );
    const common = all("{ exposure: { address: { host: bp.west.example.com } } }");
    return all(west).filter((each) => !common.includes(each));
  };

  test("are, for Services of ours, each by its name, and to read the operator's", () => {
    expect(rights("{ exposure: { loadBalancer: {} } }", "")).toEqual([
      "ditto /services blue-cars-bp2-exposed create,delete,get,patch",
      "ditto /services ditto-bp2-replication-blue-cars-bp2 get",
      "ditto /services * list,watch",
    ]);
  });

  test("are, for a Gateway of somebody else, to read it and to write beside it", () => {
    expect(rights(gateway)).toEqual([
      "* apiextensions.k8s.io/customresourcedefinitions listenersets.gateway.networking.k8s.io,tcproutes.gateway.networking.k8s.io get",
      "ditto gateway.networking.k8s.io/listenersets blue-cars-bp2-exposed create,delete,get,patch",
      "ditto gateway.networking.k8s.io/listenersets * list,watch",
      "ditto gateway.networking.k8s.io/tcproutes blue-cars-bp2-exposed create,delete,get,patch",
      "ditto gateway.networking.k8s.io/tcproutes * list,watch",
      "infra gateway.networking.k8s.io/gateways tcp get",
    ]);
  });

  test("are, for F5 NGINX, to read the GlobalConfiguration, and to patch it only where it is ours", () => {
    const global = (west: string) => rights(west).find((each) => each.includes("globalconfigurations"));
    const place = "nginx-ingress k8s.nginx.org/globalconfigurations nginx-configuration";
    expect(global("{ exposure: { transportServer: {} } }")).toBe(`${place} get`);
    expect(global("{ exposure: { transportServer: { manage: listeners } } }")).toBe(`${place} get,patch`);
  });
});

describe("files", () => {
  const known = { certificates: new Map<string, string>(), undeployed: new Set(["bp1", "bp2"]) };
  const found = (west: string, replication = "") =>
    refusals(planOf(west, replication), known).map(({ rule, path }) => `${rule} ${path.join(".")}`);

  test("hold no Service whose pods they would have to guess, and no address that only the cluster knows", () => {
    expect(found("{ exposure: { loadBalancer: {} } }")).toEqual([
      "render-address clusters.west.exposure.loadBalancer",
      "render-backend clusters.west.exposure.loadBalancer",
    ]);
    expect(found(gateway)).toEqual(["render-address clusters.west.exposure.gateway"]);
    expect(found("{ exposure: { nodePort: { host: node1.example.com } } }")).toEqual([
      "render-backend clusters.west.exposure.nodePort",
    ]);
  });

  test("leave to the platform team what a Gateway and a GlobalConfiguration of theirs need", () => {
    const left = (west: string) =>
      leftToDo(planOf(west), {
        certificates: new Map([
          ["bp1", ""],
          ["bp2", ""],
        ]),
        exposure: "manifests",
      }).map(({ what }) => what);
    expect(left(gateway)).toEqual(["the Gateway infra/tcp of west has to allow ListenerSets"]);
    expect(left("{ exposure: { transportServer: {} } }")).toEqual([
      "the GlobalConfiguration nginx-ingress/nginx-configuration of west has to have the listeners bigpeer-4117",
    ]);
    expect(left("{ exposure: { transportServer: { manage: listeners } } }")).toEqual([]);
  });

  test("hold no secret that is none: the upstream that a TransportServer passes to", () => {
    expect(plainSecrets(planOf("{ exposure: { transportServer: { host: f5.example.com } } }"))).toEqual([]);
  });

  test("hold Services whose pods the file says, and routes", () => {
    const backend = 'backend: { selector: { app: "{replication}-{peer}" }, targetPort: 4040 }';
    const west = `{ exposure: { nodePort: { host: node1.example.com, ${backend} } } }`;
    expect(found(west)).toEqual([]);
    const inputs = { topology: "t.yaml", certificates: new Map<string, string>(), exposure: "helm-values" } as const;
    const text = renderFiles(planOf(west, ""), inputs).find(({ path }) => path.endsWith("blue-cars-bp2-exposed.yaml"));
    expect(text?.text).toContain("app: blue-cars-bp2");
    expect(text?.text).not.toContain("pulumi.com");
  });
});

describe("a diff", () => {
  const side = (name: string, west: string): DiffSide => ({
    name,
    ...checkSource(parseSource(`${name}.yaml`, exposedTopology(west, { replication: ", port: 4117" }))),
  });
  const diff = (base: string, head: string) =>
    topologyDiffSchema.parse(diffTopologies(side("base", base), side("head", head)));
  const nginx = "ingress: { host: bp.west.example.com, ports: 4040-4139 }";
  const both = (order: string) =>
    `{ ${nginx}, exposures: { gw: { gateway: { name: tcp, namespace: infra } } }, exposure: ${order} }`;
  const last = "{ exposures: { gw: { gateway: { name: tcp, namespace: infra } } }, exposure: gw }";

  test("of one step from ingress-nginx to a Gateway says that nobody is reached meanwhile, and how it goes without", () => {
    const { consequences, interruptions } = diff(`{ ${nginx} }`, gateway);
    expect(interruptions).toHaveLength(1);
    expect(consequences.join("\n")).toContain("in one step: nobody reaches them until the new address exists");
    expect(consequences.join("\n")).toContain("docs/exposure.md");
  });

  test("of the first of three steps interrupts nothing, and says that the new way is not dialled yet", () => {
    const { consequences, interruptions, ports } = diff(`{ ${nginx} }`, both("[default, gw]"));
    expect(interruptions).toEqual([]);
    expect(ports).toMatchObject([{ effect: "opened", ingress: "gw", way: "gateway", port: 4117 }]);
    expect(consequences).toEqual([
      expect.stringContaining("in addition to ingress-nginx (`default`), and nobody dials the new way yet"),
    ]);
  });

  test("of the second step says that the diallers move while both are open", () => {
    const { consequences, ports } = diff(both("[default, gw]"), both("[gw, default]"));
    expect(ports).toEqual([]);
    expect(consequences).toEqual([expect.stringContaining("both stay open, so each connection is reopened at once")]);
  });

  test("of the third step interrupts nothing, and says what Kafka loses with the last Ingress controller", () => {
    const { consequences, interruptions, ports } = diff(both("[gw, default]"), last);
    expect(interruptions).toEqual([]);
    expect(ports).toMatchObject([{ effect: "closed", way: "ingressNginx" }]);
    expect(consequences).toEqual([
      "Ingress-nginx (`default`) no longer exposes targets of west; nobody dials it in the base.",
      expect.stringContaining("No Ingress controller is left in west"),
    ]);
  });

  test("of a step that moves the diallers and closes what they dialled says what to keep", () => {
    const { consequences } = diff(both("[default, gw]"), last);
    expect(consequences.join("\n")).toContain("Keep `exposure: [gw, default]` until every stack has been updated.");
  });

  test("of another way under the same name and port names both ways", () => {
    const own = "{ exposure: { gateway: { name: tcp, namespace: infra } } }";
    const { interruptions } = diff(own, "{ exposure: { transportServer: {} } }");
    expect(interruptions).toMatchObject([
      { reasons: ["bp2 is exposed by F5 NGINX Ingress Controller instead of a Gateway"] },
    ]);
  });
});

describe("status", () => {
  const condition = (type: string, status: string) => ({ type, status, reason: "Why", message: "because" });

  test("shows a row for everything that exposes a target, and what its controller says is wrong", () => {
    const plan = planOf(gateway);
    const manifests = clusterManifests(plan, "west");
    const look: Observation["deployed"] = ({ kind }) => {
      const manifest = manifests.find(({ manifest }) => manifest.kind === kind)?.manifest;
      const status = { parents: [{ conditions: [condition("Accepted", "True"), condition("ResolvedRefs", "False")] }] };
      return { object: kind === "TCPRoute" ? { ...manifest, status } : manifest };
    };
    const seen = { deployed: look, live: look, leftovers: () => [], caExpiry: new Map<string, Date>() };
    const rows = statusOf(plan, seen).filter(({ ref }) => ["ListenerSet", "TCPRoute"].includes(ref.kind));
    expect(rows.map(({ source, ref, problems }) => [source, ref.kind, problems.map(({ what }) => what)])).toEqual([
      ["replications.blue-cars", "ListenerSet", []],
      ["replications.blue-cars", "TCPRoute", ["is not ResolvedRefs: Why: because"]],
    ]);
  });

  test.each<[what: string, status: object, problems: readonly string[]]>([
    [
      "a Gateway that is not programmed",
      { conditions: [condition("Programmed", "False")] },
      ["is not Programmed: Why: because"],
    ],
    [
      "a listener in conflict",
      { listeners: [{ name: "bigpeer-4117", conditions: [condition("Conflicted", "True")] }] },
      ["its listener bigpeer-4117 is in conflict with another: Why: because"],
    ],
    ["a TransportServer that is refused", { state: "Invalid", message: "no listener" }, ["is Invalid: no listener"]],
    ["one that is fine", { state: "Valid", conditions: [condition("Accepted", "True")] }, []],
    ["a condition that is not known yet", { conditions: [condition("Programmed", "Unknown")] }, []],
  ])("tells of %s", (_, status, problems) => {
    expect(exposureProblems({ status })).toEqual(problems);
  });
});

test("a graph says by what a port is exposed, and leads arrows to the one that is dialled", () => {
  const west = "{ ingress: { host: a.example.com }, exposures: { lb: { loadBalancer: {} } }, exposure: [lb, default] }";
  const { clusters, arrows } = drawingOf(planOf(west, ""));
  expect(clusters.find(({ id }) => id === "west")?.ports.map(({ label }) => label)).toEqual([":4040 LB", ":4217"]);
  expect(arrows.map(({ port }) => port)).toEqual(["west/blue-cars/bp2/lb"]);
});
