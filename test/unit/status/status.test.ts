import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatCauses, formatStatus } from "../../../cli/commands/status.ts";
import { reportedCauses } from "../../../status/cause-report.ts";
import { causesOf } from "../../../status/causes.ts";
import { deployedObjects } from "../../../status/deployed-state.ts";
import { anyValue, differences } from "../../../status/differences.ts";
import { statusOf } from "../../../status/report.ts";
import type { Observation } from "../../../status/status-row.ts";
import { planText } from "../../../topology/check.ts";
import { clusterManifests } from "../../../topology/objects/cluster-manifests.ts";
import type { ClusterObjectReference } from "../../../topology/objects/object-reference.ts";

const topology = `
clusters:
  east: { stack: dev-east }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: east, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2] }
replications:
  blue: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const { plan } = planText(topology);
const objects = clusterManifests(plan, "east");
const manifestOf = ({ kind, name, role }: ClusterObjectReference) =>
  objects.find((each) => each.manifest.kind === kind && each.manifest.metadata.name === name && each.role === role)
    ?.manifest;
const all: Observation = {
  deployed: (ref) => ({ object: manifestOf(ref) }),
  leftovers: () => [],
  live: (ref) => ({ object: manifestOf(ref) }),
  caExpiry: new Map(),
};
const problems = (seen: Partial<Observation>, now?: Date) =>
  statusOf(plan, { ...all, ...seen }, now).flatMap(({ ref, problems: found }) =>
    found.map(({ what, mend }) => `${ref.kind} ${ref.name} ${what} | ${mend}`),
  );
const isReplication = ({ name }: ClusterObjectReference) => name === "blue-bp1";

describe("status", () => {
  test("has a row for every object and nothing to mend where all is as declared", () => {
    expect(problems({})).toEqual([]);
    expect(statusOf(plan, all)).toHaveLength(objects.length);
  });

  test("an object that is not deployed is mended by up in the stack of its cluster", () => {
    expect(problems({ deployed: (ref) => (isReplication(ref) ? { object: undefined } : all.deployed(ref)) })).toEqual([
      "BigPeerReplication blue-bp1 is declared, but not deployed | pulumi up --stack dev-east",
    ]);
  });

  test("a field that was changed in the cluster is named with both values and who wrote it, and mended by a refresh", () => {
    const live = (ref: ClusterObjectReference) => {
      const object = manifestOf(ref);
      const managedFields = [
        {
          manager: "kubectl-edit",
          time: "2026-11-26T11:00:00Z",
          fieldsV1: { "f:spec": { "f:connections": {} } },
        },
      ];
      const edited = {
        ...object,
        metadata: { ...object?.metadata, managedFields },
        spec: { connections: ["x:1"] },
      };
      return { object: isReplication(ref) ? edited : object };
    };
    expect(problems({ live })).toEqual([
      expect.stringMatching(
        /^BigPeerReplication blue-bp1 was changed in the cluster: spec\.connections\[0\] is x:1, declared ditto-bp2-\S+ \(written by kubectl-edit at 2026-11-26T11:00:00Z\); spec\.queriesByCollection is not there, declared \{"cars":\["color = 'blue'"\]\} \| pulumi up --refresh --stack dev-east$/,
      ),
    ]);
  });

  test("a query that somebody has added is named, and mended by making the object again, since no update takes it away", () => {
    const live = (ref: ClusterObjectReference) => {
      const object = manifestOf(ref);
      const queriesByCollection = { cars: ["color = 'blue'"], owners: ["true"] };
      const connections = ["ditto-bp2-replication-blue-bp2.ditto.svc.cluster.local:4040", "x:1"];
      return { object: isReplication(ref) ? { ...object, spec: { connections, queriesByCollection } } : object };
    };
    expect(problems({ live })).toEqual([
      "BigPeerReplication blue-bp1 has what nobody declared: spec.connections[x:1], spec.queriesByCollection.owners | kubectl --context east -n ditto delete bigpeerreplication blue-bp1 && pulumi up --refresh --stack dev-east",
    ]);
  });

  test("a connection that is down shows the operator's message", () => {
    const down = { type: "Connected", status: "False", reason: "NotConnected", message: "TLS: bp2 is not trusted" };
    const live = (ref: ClusterObjectReference) => {
      const object = manifestOf(ref);
      return { object: isReplication(ref) ? { ...object, status: { conditions: [down] } } : object };
    };
    expect(problems({ live })[0]).toMatch(
      /blue-bp1 is not connected: NotConnected: TLS: bp2 is not trusted \| kubectl/,
    );
  });

  test("a paused replication is not connected on purpose, and a connection that somebody opens all the same is a problem", () => {
    const held = planText(topology.replace("] } }", "] }, paused: true }")).plan;
    const declared = clusterManifests(held, "east");
    const object = ({ kind, name, role }: ClusterObjectReference) =>
      declared.find((each) => each.manifest.kind === kind && each.manifest.metadata.name === name && each.role === role)
        ?.manifest;
    const down = { type: "Connected", status: "False", reason: "NotConnected", message: "nobody has connected yet" };
    const rows = (spec: object) =>
      statusOf(held, {
        ...all,
        deployed: (ref) => ({ object: object(ref) }),
        live: (ref) => {
          const live = object(ref);
          if (ref.kind !== "BigPeerReplication") return { object: live };
          const own = isReplication(ref) ? { spec: { ...Object(live?.spec), ...spec } } : {};
          return { object: { ...live, ...own, status: { conditions: [down] } } };
        },
      });
    expect(rows({}).flatMap((row) => row.problems)).toEqual([]);
    expect(formatStatus(rows({}))).toMatch(/blue-bp1 .*not connected, paused/);
    expect(rows({ connections: ["bp2:4040"] }).flatMap((row) => row.problems.map(({ what }) => what))).toEqual([
      "has what nobody declared: spec.connections[bp2:4040]",
    ]);
  });

  test("a CA that is about to expire is a problem, one that is not is none", () => {
    const caExpiry = new Map([["bp1", new Date("2027-01-10")]]);
    expect(problems({ caExpiry }, new Date("2026-12-01"))).toEqual([]);
    expect(problems({ caExpiry }, new Date("2026-12-20"))[0]).toMatch(
      /BigPeer bp1 its CA certificate expires on 2027-01-10/,
    );
  });

  test("what cannot be looked at is said to be unknown, not absent", () => {
    const rows = statusOf(plan, { ...all, deployed: () => ({ unknown: "the backend is away" }) });
    expect(new Set(rows.map(({ deployed }) => deployed))).toEqual(new Set(["unknown"]));
  });

  test("what is deployed and not declared any more is listed", () => {
    const ref: ClusterObjectReference = {
      cluster: "east",
      role: "object",
      apiVersion: "v1",
      kind: "Secret",
      namespace: "ditto",
      name: "old",
    };
    expect(problems({ leftovers: () => [ref] })[0]).toMatch(
      /Secret old is deployed, but .* \| pulumi up --stack dev-east/,
    );
  });
});

describe("causes", () => {
  const spokes = Array.from({ length: 24 }, (_, index) => `s${index}`);
  const { plan: star } = planText(`
clusters: { east: { stack: dev-east } }
peers:
${["hub", ...spokes].map((name) => `  ${name}: { cluster: east, version: 1.63.2 }`).join("\n")}
apps:
  cars: { peers: [${["hub", ...spokes].join(", ")}] }
replications:
  star: { app: cars, hub: hub, spokes: [${spokes.join(", ")}], down: { cars: "true" } }
`);
  const manifests = clusterManifests(star, "east");
  const declared = ({ kind, name, role }: ClusterObjectReference) =>
    manifests.find((each) => each.manifest.kind === kind && each.manifest.metadata.name === name && each.role === role)
      ?.manifest;
  const broken = { type: "Connected", status: "False", reason: "NotConnected", message: "TLS" };
  const seen: Observation = { ...all, deployed: (ref) => ({ object: declared(ref) }) };
  const report = (live: NonNullable<Observation["live"]>) => {
    const rows = statusOf(star, { ...seen, live });
    return formatCauses(causesOf(star, rows), rows.length);
  };
  const down = (ref: ClusterObjectReference) =>
    ref.kind === "BigPeerReplication" ? { ...declared(ref), status: { conditions: [broken] } } : declared(ref);

  test("the missing object comes first, and the replications that are down because of it are one line", () => {
    const live = (ref: ClusterObjectReference) => ({
      object: ref.kind === "BigPeer" && ref.role === "object" && ref.name === "hub" ? undefined : down(ref),
    });
    const lines = report(live).split("\n");
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(/east {2}BigPeer ditto\/hub is gone from the cluster/),
      "      because of it: 25 replications are not connected",
      expect.stringMatching(/fix:.* pulumi up --refresh --stack dev-east$/),
    ]);
    expect(lines[3]).toMatch(/see:.* docs\/runbook\/object-missing\.md$/);
    expect(lines).toHaveLength(5);
  });

  test("a lost Secret of one pair explains that pair alone", () => {
    const trust = star.peers.get("s3")?.trusts[0]?.secret;
    const live = (ref: ClusterObjectReference) => ({
      object:
        ref.name === trust ? undefined : ref.name === "star-s3" || ref.name === "star-s4" ? down(ref) : declared(ref),
    });
    const text = report(live);
    expect(text).toMatch(
      /Secret ditto\/\S+ is gone from the cluster\n {6}because of it: BigPeerReplication ditto\/star-s3 is not/,
    );
    expect(text).toMatch(/BigPeerReplication ditto\/star-s4 is not connected: NotConnected: TLS/);
  });

  test("a CA that is not trusted is the cause of what is not connected between the two, and of nothing else", () => {
    const rows = statusOf(star, {
      ...seen,
      live: (ref) => ({ object: ref.name === "star-s3" || ref.name === "star-s4" ? down(ref) : declared(ref) }),
    }).map((row) => {
      if (row.ref.kind !== "BigPeer" || row.ref.name !== "hub" || row.ref.role !== "object") return row;
      const problem = { what: "does not trust the CA that s3 has", mend: "pulumi up", between: ["hub", "s3"] as const };
      return { ...row, problems: [...row.problems, problem] };
    });
    const causes = causesOf(star, rows);
    expect(causes.map(({ what, because }) => [what, because.map(({ ref }) => ref.name)])).toEqual([
      ["does not trust the CA that s3 has", ["star-s3"]],
      ["is not connected: NotConnected: TLS", []],
    ]);
  });

  test("somebody else's change comes last, under words of its own", () => {
    const rows = statusOf(star, { ...seen, live: (ref) => ({ object: declared(ref) }) }).map((row, index) => {
      const foreign = {
        what: "was changed",
        mend: "kubectl patch",
        page: "port-taken" as const,
        foreign: true as const,
      };
      const ours = { what: "is gone", mend: "pulumi up", page: "object-missing" as const };
      return index > 1 ? row : { ...row, problems: [index === 0 ? foreign : ours] };
    });
    const lines = formatCauses(causesOf(star, rows), rows.length).split("\n");
    const place = (words: RegExp) => lines.findIndex((line) => words.test(line));
    expect(place(/is gone$/)).toBe(0);
    expect(place(/^Changed by others$/)).toBeGreaterThan(place(/is gone$/));
    expect(place(/was changed$/)).toBeGreaterThan(place(/^Changed by others$/));
    expect(reportedCauses(causesOf(star, rows))).toMatchObject([
      { what: "is gone", fix: "pulumi up", page: "docs/runbook/object-missing.md", foreign: false },
      { what: "was changed", fix: "kubectl patch", page: "docs/runbook/port-taken.md", foreign: true },
    ]);
  });

  test("an API server that does not answer is one cause, however many objects are behind it", () => {
    const live = (ref: ClusterObjectReference) => ({
      unknown: `${ref.kind} ${ref.namespace}/${ref.name} of cluster "east" cannot be read: connection refused (context "east")`,
    });
    const rows = statusOf(star, { ...seen, live });
    const causes = causesOf(star, rows);
    expect(causes).toHaveLength(1);
    expect(causes[0]?.rows).toHaveLength(rows.length);
    expect(formatCauses(causes, rows.length).split("\n").length).toBeLessThan(12);
  });

  test("where nothing is wrong there is the last line alone", () => {
    expect(report((ref) => ({ object: declared(ref) }))).toMatch(/^\d+ objects, nothing differs$/);
  });
});

describe("exposures", () => {
  const apart = planText(readFileSync("topologies/two-clusters.yaml", "utf8")).plan;
  const manifest = ({ cluster, kind, name, role }: ClusterObjectReference) =>
    clusterManifests(apart, cluster).find(
      (each) => each.manifest.kind === kind && each.manifest.metadata.name === name && each.role === role,
    )?.manifest;
  const asDeclared: Observation = { ...all, deployed: (ref) => ({ object: manifest(ref) }), live: undefined };
  const exposuresOf = (seen: Partial<Observation>) =>
    statusOf(apart, { ...asDeclared, ...seen }).filter(({ exposure }) => exposure !== undefined);
  const portOf = (peer: string) => apart.exposures.find((each) => each.peer === peer)?.port;

  test("are told one by one, each with the replication that needs it", () => {
    expect(exposuresOf({}).map((row) => [row.source, row.exposure, row.deployed, row.problems])).toEqual([
      ["replications.red-cars", { peer: "bp1", port: portOf("bp1") }, "yes", []],
      ["replications.blue-cars", { peer: "bp2", port: portOf("bp2") }, "yes", []],
    ]);
  });

  test("differ where the controller's Service has lost the port", () => {
    const live = (ref: ClusterObjectReference) => ({
      object: ref.kind === "Service" ? { spec: { ports: [] } } : manifest(ref),
    });
    const [east] = exposuresOf({ live });
    expect(east?.live).toBe("differs");
    expect(east?.problems).toEqual([
      {
        what: expect.stringContaining(
          `the Service ingress-nginx-controller was changed in the cluster: spec.ports[bigpeer-${portOf("bp1")}] is not there`,
        ),
        mend: "pulumi up --refresh --stack dev-east",
        page: "object-changed",
      },
    ]);
  });

  test("are told with the command that changes them back where somebody has renumbered the Service's port", () => {
    const ports = [{ name: `bigpeer-${portOf("bp1")}`, port: 4999, targetPort: 4999 }];
    const live = (ref: ClusterObjectReference) => ({
      object: ref.kind === "Service" ? { spec: { ports } } : manifest(ref),
    });
    const [east] = exposuresOf({ live });
    expect(east?.problems).toHaveLength(1);
    expect(east?.problems[0]?.mend).toMatch(
      /^kubectl --context \S+ -n ingress-nginx patch service ingress-nginx-controller --type json -p '\[{"op":"test"/,
    );
  });

  test("whose key of the ConfigMap is somebody else's are told apart, and the rest is repaired past it", () => {
    const port = portOf("bp1");
    const live = (ref: ClusterObjectReference) => {
      const object = manifest(ref);
      if (ref.kind === "ConfigMap" && ref.cluster === apart.peers.get("bp1")?.cluster)
        return { object: { ...object, data: { [String(port)]: "other/service:80" } } };
      return { object: ref.kind === "BigPeer" ? undefined : object };
    };
    const rows = statusOf(apart, { ...asDeclared, live });
    const [east] = rows.filter(({ exposure }) => exposure?.peer === "bp1");
    expect(east?.problems).toEqual([
      {
        what: expect.stringContaining(`data.${port} is other/service:80, declared ditto/`),
        mend: expect.stringMatching(
          /^kubectl --context \S+ -n ingress-nginx patch configmap tcp-services --type merge -p '.*' && pulumi up --refresh --stack dev-east$/,
        ),
        page: "port-taken",
        foreign: true,
      },
    ]);
    const peer = (name: string) =>
      rows.find(({ ref }) => ref.kind === "BigPeer" && ref.name === name)?.problems[0]?.mend;
    expect(peer("bp1")).toBe("pulumi up --skip-preview --continue-on-error --refresh --stack dev-east");
    expect(peer("bp2")).toBe("pulumi up --refresh --stack dev-west");
  });

  test("that were deployed and are declared no more are named by their port", () => {
    const deployed = (ref: ClusterObjectReference) => {
      const object = manifest(ref);
      return {
        object:
          ref.kind === "ConfigMap"
            ? { ...object, data: Object.assign({ 4999: "ditto/old:4040" }, object?.data) }
            : object,
      };
    };
    expect(exposuresOf({ deployed })[0]?.problems).toEqual([
      {
        what: "port 4999 is still open, but the topology no longer declares it",
        mend: "pulumi up --stack dev-east",
        page: "object-changed",
      },
    ]);
  });

  test("stand in the text under their replication", () => {
    const lines = formatStatus(statusOf(apart, asDeclared)).split("\n");
    const heading = lines.indexOf("replications.red-cars");
    expect(lines.slice(heading + 1, heading + 4).join("\n")).toMatch(
      /exposure of bp1, port \d+ .*declared: yes, deployed: yes/,
    );
    expect(lines.filter((line) => !line.startsWith(" ")).map((line) => line.split(".")[0])).toEqual([
      "peers",
      "peers",
      "apps",
      "replications",
      "replications",
      expect.stringMatching(/nothing differs/),
    ]);
  });
});

describe("differences", () => {
  test.each<[unknown, unknown, string[]]>([
    [{ a: 1 }, { a: 1, b: 2 }, []],
    [{ a: { b: [1, 2] } }, { a: { b: [1] } }, ["a.b"]],
    [{ ports: [{ name: "x", port: 1 }] }, { ports: [{ name: "y" }, { name: "x", port: 2 }] }, ["ports[x].port"]],
    [{ a: anyValue }, {}, []],
    [{ list: [] }, {}, []],
    [{ queries: {} }, {}, []],
    [{ list: [] }, { list: ["x"] }, ["list"]],
    [{ token: "t" }, { token: { "4dabf18193072939515e22adb298388d": "1b47", ciphertext: "…" } }, []],
  ])("%j against %j", (declared, actual, expected) => {
    expect(differences(declared, actual)).toEqual(expected);
  });
});

test("an exported state gives its Kubernetes objects with the plan's name for their provider's cluster", () => {
  const metadata = { name: "bp1", namespace: "ditto" };
  const inputs = { apiVersion: "ditto.live/v1alpha1", kind: "BigPeer", metadata };
  const provider = "urn:pulumi:dev::p::pulumi:providers:kubernetes::east::0123";
  const resources = ["BigPeer", "BigPeerPatch"].map((kind) => ({
    urn: `urn:pulumi:dev::p::kubernetes:ditto.live/v1alpha1:${kind}::bp1`,
    type: `kubernetes:ditto.live/v1alpha1:${kind}`,
    provider,
    inputs,
  }));
  const ofProvider = {
    urn: provider.replace(/::0123$/, ""),
    type: "pulumi:providers:kubernetes",
    inputs: { context: "k1" },
  };
  const shown = (clusters: string) =>
    deployedObjects(
      { resources: [ofProvider, ...resources] },
      planText(`clusters: ${clusters}\npeers: {}\napps: {}`).plan,
    ).map(({ ref }) => `${ref.cluster} ${ref.role} ${ref.name}`);
  expect(shown("{ east: { context: k1 } }")).toEqual(["east object bp1", "east patch bp1"]);
  expect(shown("{ north: { context: k1 } }"), "of one that is called otherwise by now").toEqual([
    "north object bp1",
    "north patch bp1",
  ]);
  expect(shown("{ north: { context: k2 } }")).toEqual(["east object bp1", "east patch bp1"]);
});
