import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { verdictsOn } from "../../../explain/explain-link.ts";
import { declaredFaults } from "../../../explain/exposure-faults.ts";
import { documentLayer } from "../../../explain/layers/document.ts";
import { linksOf } from "../../../explain/link.ts";
import type { LinkSeen, Sample } from "../../../explain/link-seen.ts";
import { firstBroken, layers } from "../../../explain/verdict.ts";
import { createCa, issueLeaf, type KeyPair } from "../../../lab/operator/authority.ts";
import { planText } from "../../../topology/check.ts";
import { clusterManifests } from "../../../topology/objects/cluster-manifests.ts";
import { type ClusterObjectReference, objectKey, referenceOf } from "../../../topology/objects/object-reference.ts";
import type { TrustSeen } from "../../../trust/stale-trust.ts";
import { planProbes } from "../../../verify/probes.ts";

const { plan } = planText(`
clusters:
  east: { stack: dev-east }
  west: { stack: dev-west, ingress: { host: bp.west.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
  bp3: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3] }
replications:
  blue: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
  red: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } }
  near: { app: cars, between: [bp2, bp3], queries: { cars: ["color = 'blue'"] } }
`);
let ca: Record<"bp1" | "bp2" | "bp3" | "strange", KeyPair>;
let leaf: X509Certificate;
let leafOf3: X509Certificate;
let strangeLeaf: X509Certificate;
beforeAll(async () => {
  const [bp1, bp2, bp3, strange] = await Promise.all(["bp1 CA", "bp2 CA", "bp3 CA", "strange CA"].map(createCa));
  if (!bp1 || !bp2 || !bp3 || !strange) throw new Error("no CA");
  ca = { bp1, bp2, bp3, strange };
  leaf = new X509Certificate((await issueLeaf(bp2, "bp2")).certificate);
  leafOf3 = new X509Certificate((await issueLeaf(bp3, "bp3")).certificate);
  strangeLeaf = new X509Certificate((await issueLeaf(strange, "bp2")).certificate);
});

type Change = (object: Record<string, unknown>) => unknown;
const manifests = [...plan.clusters.keys()].flatMap((cluster) =>
  clusterManifests(plan, cluster).map(({ manifest, role }) => ({
    ref: referenceOf(cluster, manifest, role),
    manifest,
  })),
);
const conditions = (...all: [type: string, status: string, message?: string][]) => ({
  conditions: all.map(([type, status, message = ""]) => ({ type, status, message })),
});

/** Everything is there and ready, but for what is changed by kind and name. */
function live(changes: Readonly<Record<string, Change>> = {}): LinkSeen["live"] {
  const byKey = new Map(manifests.map(({ ref, manifest }) => [objectKey(ref), manifest]));
  return (ref: ClusterObjectReference) => {
    const declared = byKey.get(objectKey(ref));
    const connected = ref.kind === "BigPeerReplication" ? [["Connected", "True"] as [string, string]] : [];
    const status = ref.apiVersion.startsWith("ditto") ? { status: conditions(["Ready", "True"], ...connected) } : {};
    const object = { ...(declared ?? { kind: ref.kind }), ...status };
    const change = changes[`${ref.kind} ${ref.name}`];
    return { object: change ? change(object) : object };
  };
}

function trust(change: Partial<TrustSeen> = {}, shows = leaf): TrustSeen {
  const pem = (peer: string) => Object.entries(ca).find(([name]) => name === peer)?.[1].certificate ?? "";
  return {
    authority: (peer) => ({ value: pem(peer) }),
    secret: (_, trusted) => ({ value: [pem(trusted), pem(trusted)] }),
    listed: (truster) => ({ value: plan.peers.get(truster)?.trusts.map(({ secret }) => secret) }),
    shown: (peer) => (peer === "bp1" ? { unknown: "it only dials" } : { chains: [[peer === "bp3" ? leafOf3 : shows]] }),
    ...change,
  };
}

const open: LinkSeen["here"] = {
  where: "from here",
  name: { addresses: ["192.0.2.1"] },
  connection: "open",
  handshake: "shown",
};

interface Asked {
  readonly replication?: string;
  readonly from?: string;
  readonly to?: string;
  readonly sample?: Sample;
}

function linkOf({ replication = "blue", from, to }: Asked) {
  const planned = plan.replications.get(replication);
  const asked = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const [link] = planned ? linksOf(plan, planned, asked) : [];
  if (!link) throw new Error(`no link of ${replication}`);
  return link;
}

function verdicts(seen: Partial<LinkSeen> = {}, asked: Asked = {}) {
  const link = linkOf(asked);
  const { address } = link.connection;
  const all: LinkSeen = {
    live: live(),
    trust: trust(),
    address: address.kind === "load-balancer" ? undefined : address.address,
    exposure: [],
    here: open,
    pod: undefined,
    now: new Date(),
    ...seen,
  };
  return verdictsOn(plan, link, all, asked.sample);
}
/** `layer: what | mend` of the layer to mend. */
const told = (...args: Parameters<typeof verdicts>) => {
  const broken = firstBroken(verdicts(...args));
  return broken && `${broken.layer}: ${broken.what} | ${broken.mend}`;
};
const stateOf = (layer: string, ...args: Parameters<typeof verdicts>) =>
  verdicts(...args).find((each) => each.layer === layer);
const spec = (object: Record<string, unknown>, change: object) => ({
  ...object,
  spec: { ...Object(object.spec), ...change },
});
const notConnected =
  (message: string): Change =>
  (object) => ({ ...object, status: conditions(["Ready", "True"], ["Connected", "False", message]) });

describe("a link that works", () => {
  test.each(["blue", "red", "near"])(
    "has no broken layer, and is judged in the order of the layers: %s",
    (replication) => {
      const found = verdicts({}, { replication });
      expect(found.filter(({ state }) => state !== "holds")).toEqual([]);
      const order = found.map(({ layer }) => layers.indexOf(layer));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    },
  );

  test("is explained in both directions if both subscribe, and in one if one does", () => {
    expect(linkOf({}).directions).toEqual([
      { from: "bp1", to: "bp2" },
      { from: "bp2", to: "bp1" },
    ]);
    expect(linkOf({ replication: "red" }).directions).toEqual([{ from: "bp1", to: "bp2" }]);
  });

  test("names the certificate, its issuer, its end, and the CAs that both trust", () => {
    expect(stateOf("TLS")?.what).toMatch(
      /^bp2 shows a certificate of CN=bp2, issued by CN=bp2 CA, until \d{4}-\d\d-\d\d; bp1 trusts CN=bp2 CA until \S+ \(Secret bp1-trusts-bp2\); bp2 trusts CN=bp1 CA/,
    );
  });
});

describe("the first broken layer is", () => {
  test("objects, where one is not there", () => {
    expect(told({ live: live({ "BigPeerReplication blue-bp2": () => undefined }) })).toBe(
      'objects: BigPeerReplication ditto/blue-bp2 is not in cluster "west" | pulumi up --refresh --stack dev-west',
    );
    expect(told({ live: live({ "Secret bp2-trusts-bp1": () => undefined }) })).toMatch(
      /^objects: Secret ditto\/bp2-trusts-bp1 is not in cluster "west"/,
    );
  });

  test("objects, where the initiator dials something else", () => {
    const change: Change = (object) => spec(object, { connections: ["other:1"] });
    expect(told({ live: live({ "BigPeerReplication blue-bp1": change }) })).toMatch(
      /^objects: bp1 does not dial bp2 at bp\.west\.example\.com:\d+: BigPeerReplication ditto\/blue-bp1 dials other:1 \| pulumi up --refresh --stack dev-east$/,
    );
  });

  test("conditions, where an operator says that something is not ready", () => {
    const change: Change = (object) => ({
      ...object,
      status: conditions(["Ready", "False", "the image cannot be pulled"]),
    });
    expect(told({ live: live({ "BigPeer bp2": change }) })).toBe(
      "conditions: BigPeer ditto/bp2 is not ready: the image cannot be pulled | kubectl --context west -n ditto describe bigpeer bp2",
    );
  });

  test("app ID, where the ends have different ones: the wrong one's stack mends it", () => {
    const change: Change = (object) => spec(object, { appId: "00000000-0000-4000-8000-000000000000" });
    expect(
      told({ live: live({ "BigPeerApp cars-bp2": change, "BigPeerReplication blue-bp1": notConnected("refused") }) }),
    ).toBe(
      "app ID: the app ID is 2164bef3-37c0-489c-9ac6-c94b034525d7 on bp1 and 00000000-0000-4000-8000-000000000000 on bp2 | pulumi up --refresh --stack dev-west",
    );
  });

  test("exposure, where the port is not open, even if the dialler only says that nothing answers", () => {
    const exposure = [{ what: "port 4040 of ConfigMap a/b is gone", mend: "pulumi up --refresh" }];
    const refused = live({ "BigPeerReplication blue-bp1": notConnected("connect ECONNREFUSED 192.0.2.1:4040") });
    const here: LinkSeen["here"] = {
      where: "from here",
      name: { addresses: ["192.0.2.1"] },
      connection: { failure: "ECONNREFUSED" },
    };
    expect(told({ live: refused, exposure, here })).toBe(
      "exposure: port 4040 of ConfigMap a/b is gone | pulumi up --refresh",
    );
  });

  test("exposure, where the operator has not made the Service", () => {
    expect(told({ live: live({ "Service ditto-bp2-replication-blue-bp2": () => undefined }) })).toMatch(
      /^exposure: the operator has not created Service ditto\/ditto-bp2-replication-blue-bp2/,
    );
  });

  const blue = (message: string) => live({ "BigPeerReplication blue-bp1": notConnected(message) });

  test("DNS, where the dialler cannot resolve the name", () => {
    const here: LinkSeen["here"] = { where: "from here", name: { failure: "ENOTFOUND" } };
    expect(told({ live: blue("getaddrinfo ENOTFOUND bp.west.example.com"), here })).toMatch(
      /^DNS: bp1 cannot resolve bp\.west\.example\.com: .*ENOTFOUND.* \| let bp\.west\.example\.com resolve in the cluster of the dialler/,
    );
  });

  test("TCP, where the dialler cannot connect, although this machine can", () => {
    expect(told({ live: blue("dial tcp 192.0.2.1:4040: i/o timeout") })).toMatch(
      /^TCP: bp1 cannot connect to bp\.west\.example\.com:\d+: .*i\/o timeout, although \S+ accepts connections from here \| let cluster "east" connect to \S+ \(`npx bigpeer firewall --cluster east`/,
    );
  });

  test("TLS, where one does not trust what the other shows", () => {
    expect(told({ trust: trust({}, strangeLeaf) })).toMatch(
      /^TLS: bp1 does not trust the certificate that bp2 shows since .* \(issued by "CN=strange CA"\).* \| pulumi up --stack dev-west && pulumi up --refresh --stack dev-east/,
    );
  });

  test("TLS, where something else listens at the address", () => {
    const here: LinkSeen["here"] = {
      ...open,
      handshake: { failure: "it closed the connection before it showed a certificate" },
    };
    const unseen = trust({ shown: () => ({ unknown: "it cannot be inspected" }) });
    expect(told({ here, trust: unseen })).toMatch(
      /^TLS: bp\.west\.example\.com:\d+ accepts connections and shows no certificate: it closed the connection.* \| kubectl --context west -n ditto get endpointslices/,
    );
  });

  test("TLS, where the dialler says so and nothing else is found", () => {
    expect(told({ live: blue("x509: certificate signed by unknown authority") })).toMatch(
      /^TLS: the handshake of bp1 fails: x509/,
    );
  });

  test("TLS, where the certificate has expired", () => {
    expect(told({ now: new Date("2099-01-01") })).toMatch(/^TLS: bp2 shows a certificate that expired on \d{4}-/);
  });

  test("subscription, where the receiver asks for something else, with the query that it lacks", () => {
    const change: Change = (object) => spec(object, { queriesByCollection: { cars: ["color = 'pink'"] } });
    expect(told({ live: live({ "BigPeerReplication blue-bp2": change }) })).toBe(
      "subscription: bp2 asks for color = 'pink' in cars, and not for color = 'blue', as declared | pulumi up --refresh --stack dev-west",
    );
  });

  test("no subscription that is wider than declared", () => {
    const change: Change = (object) => spec(object, { queriesByCollection: { cars: ["true"] } });
    expect(told({ live: live({ "BigPeerReplication blue-bp2": change }) })).toBeUndefined();
  });

  test("subscription, where a document that is missed does not match, and in a direction in which nothing flows", () => {
    const sample = { collection: "cars", document: { color: "green" } };
    expect(told({}, { from: "bp1", to: "bp2", sample })).toMatch(
      /^subscription: bp2 asks for color = 'blue' in cars, and the document \{"color":"green"\} does not match/,
    );
    expect(
      told({}, { from: "bp1", to: "bp2", sample: { collection: "cars", document: { color: "blue" } } }),
    ).toBeUndefined();
    expect(told({}, { replication: "red", from: "bp2", to: "bp1" })).toBe(
      "subscription: bp1 asks for nothing, as declared, so no document comes to it from bp2 | declare queries for bp1 in replications.red, if documents are to flow there",
    );
  });

  test("conditions, where a connection is down and no other layer is broken", () => {
    expect(told({ live: blue("nothing was heard for 15 s") })).toMatch(
      /^conditions: the operator of cluster "east" says that BigPeerReplication ditto\/blue-bp1 is not connected: nothing was heard/,
    );
  });
});

describe("what cannot be seen from here", () => {
  const here: LinkSeen["here"] = { where: "from here", name: { failure: "ENOTFOUND" } };
  const silent: Change = (object) => ({ ...object, status: conditions(["Ready", "True"]) });

  test("is said, with what would show it, and the next layer is tried", () => {
    const seen = { here, live: live({ "BigPeerReplication blue-bp1": silent }) };
    expect(stateOf("DNS", seen)).toMatchObject({
      state: "unknown",
      what: "bp.west.example.com is not resolved from here: ENOTFOUND",
      mend: '--probe-pods looks from a short-lived pod in cluster "east"',
    });
    expect(stateOf("subscription", seen)?.state).toBe("holds");
    expect(told(seen)).toBeUndefined();
  });

  test("holds if the dialler is connected", () => {
    expect(stateOf("DNS", { here })?.what).toBe(
      "bp.west.example.com is not resolved from here: ENOTFOUND, but bp1 is connected",
    );
    expect(stateOf("TCP", { here })?.state).toBe("holds");
  });

  test("is what a pod beside the dialler says, if there was one", () => {
    const pod = {
      where: 'from a pod in cluster "east"',
      name: { addresses: [] },
      connection: { failure: "timed out" },
    };
    expect(told({ here, pod, live: live({ "BigPeerReplication blue-bp1": silent }) })).toMatch(
      /^TCP: \S+ does not accept connections from a pod in cluster "east": timed out/,
    );
    const failed = { unknown: "the kubeconfig's user may not create pods" };
    expect(stateOf("TCP", { here, pod: failed, live: live({ "BigPeerReplication blue-bp1": silent }) })?.mend).toMatch(
      /could not: the kubeconfig's user may not create pods/,
    );
  });

  test("are objects of a cluster that does not answer", () => {
    const away: LinkSeen["live"] = (ref) =>
      ref.cluster === "west" ? { unknown: 'cluster "west" does not answer' } : live()(ref);
    const found = verdicts({ live: away, exposure: { unknown: 'cluster "west" does not answer' } });
    expect(found.find(({ layer }) => layer === "objects")).toMatchObject({ state: "unknown" });
    expect(firstBroken(found)).toBeUndefined();
  });
});

test("a replication that dials several targets is judged by what is said of this address", () => {
  const { plan: star } = planText(`
clusters: { edge: {}, one: { ingress: { host: one.example.com } }, two: { ingress: { host: two.example.com } } }
peers: { a: { cluster: edge, version: 1.63.2 }, b: { cluster: one, version: 1.63.2 }, c: { cluster: two, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [a, b, c] } }
replications: { all: { app: cars, mesh: [a, b, c], queries: { cars: "true" } } }
`);
  const all = star.replications.get("all");
  const [toB, toC] = all ? linksOf(star, all, { from: "a" }) : [];
  const dialled = (link: typeof toB) =>
    link?.connection.address.kind === "host" ? link.connection.address.address : "";
  const message = `${dialled(toB)}: connect ECONNREFUSED 192.0.2.1:1`;
  const objects: LinkSeen["live"] = (ref) => ({
    object: {
      spec: { appId: "x", connections: [dialled(toB), dialled(toC)], queriesByCollection: { cars: ["true"] } },
      status: conditions(["Ready", "True"], ["Connected", ref.name === "all-a" ? "False" : "True", message]),
    },
  });
  const seen = (address: string): LinkSeen => ({
    ...{ live: objects, trust: trust(), address, exposure: [], here: open, pod: undefined, now: new Date() },
  });
  const tcp = (link: typeof toB) =>
    link && verdictsOn(star, link, seen(dialled(link))).find(({ layer }) => layer === "TCP")?.state;
  expect([tcp(toB), tcp(toC)]).toEqual(["broken", "holds"]);
});

describe("faults of an exposure", () => {
  const exposure = plan.exposures.find(({ replication }) => replication === "blue");
  const faults = (changes: Readonly<Record<string, Change>>) =>
    exposure
      ? declaredFaults(plan, exposure, live(changes), new Date()).map(({ what, mend }) => `${what} | ${mend}`)
      : [];

  test("are none where entry and port are there, and those of other replications are not told", () => {
    expect(faults({})).toEqual([]);
    const other = plan.exposures.find(({ replication }) => replication === "red")?.port;
    expect(
      faults({
        "ConfigMap tcp-services": (object) => ({
          ...object,
          data: Object.fromEntries(Object.entries(Object(object.data)).filter(([port]) => port !== String(other))),
        }),
      }),
    ).toEqual([]);
  });

  test("are an entry that is gone, and one that leads elsewhere", () => {
    const port = exposure?.port;
    expect(faults({ "ConfigMap tcp-services": (object) => ({ ...object, data: {} }) })).toEqual([
      expect.stringMatching(
        new RegExp(`^port ${port} of ConfigMap ingress-nginx/tcp-services .*\\| pulumi up --refresh --stack dev-west$`),
      ),
    ]);
    expect(
      faults({ "ConfigMap tcp-services": (object) => ({ ...object, data: { [String(port)]: "a/b:1" } }) })[0],
    ).toMatch(/\| kubectl .*a/);
  });

  test("are a port that the controller's Service does not open", () => {
    expect(faults({ "Service ingress-nginx-controller": (object) => spec(object, { ports: [] }) })[0]).toMatch(
      /Service ingress-nginx-controller .*\| pulumi up --refresh --stack dev-west/,
    );
  });
});

describe("a document", () => {
  const [probe] = planProbes(plan);
  if (!probe) throw new Error("no probe");
  const direction = { from: probe.from, to: probe.to };

  test("that arrives says how long it took", () => {
    const result = { probe, passed: true, milliseconds: 12, message: "arrived" };
    expect(documentLayer([result], direction)).toMatchObject({
      state: "holds",
      what: expect.stringContaining("12 ms"),
    });
  });

  test("that does not arrive is broken, with the command that shows more", () => {
    const result = { probe, passed: false, milliseconds: 12, message: "did not arrive", next: "kubectl describe" };
    expect(documentLayer([result], direction, ["a key"])).toMatchObject({
      state: "broken",
      what: "cars: did not arrive; left behind: a key",
      mend: "kubectl describe",
    });
  });

  test("of which nothing is known says why none was sent", () => {
    const unsent = { ...probe, document: undefined };
    const result = { probe: unsent, passed: true, milliseconds: 1, message: "connected; no document was sent" };
    expect(documentLayer([result], direction)).toMatchObject({
      state: "unknown",
      what: "connected; no document was sent",
    });
  });
});
