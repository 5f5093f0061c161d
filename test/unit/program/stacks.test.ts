import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Output, output, runtime } from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import { createCa, issueLeaf } from "../../../lab/operator/authority.ts";
import { controllerCheck } from "../../../program/controller-check.ts";
import { ownedControllers } from "../../../program/exposures.ts";
import { exposedAddresses, trustedCas } from "../../../program/links.ts";
import { foreignPorts } from "../../../program/live-controllers.ts";
import type { LivePort } from "../../../program/live-service.ts";
import { readOtherStacks, readOwnStack, readStack, type StackReading } from "../../../program/other-stacks.ts";
import type { StackExports } from "../../../program/stack-exports.ts";
import { readByEngine } from "../../../program/stack-outputs.ts";
import { planText } from "../../../topology/check.ts";
import { TopologyError } from "../../../topology/findings/finding.ts";
import type { Look } from "../../../trust/shown-by-peer.ts";
import { blueCars } from "../../support/blue-cars.ts";
import { serviceWith } from "../../support/ingress-installations.ts";

await runtime.setMocks(
  { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
  "bigpeer-topology",
  "test",
  false,
  "acme",
);

const { plan } = planText(
  blueCars(
    `  east: { stack: dev-east, ingress: { host: bp.east.example.com, ports: 4040-4049 } }
  west: { stack: dev-west, ingress: { ports: 4040-4049 } }`,
    4042,
  ),
);
const exposure = "west/blue-cars/bp2";
const contract = {
  contract: 1 as const,
  peers: {},
  replications: {},
  exposures: { [exposure]: "192.0.2.7:4042" },
  apps: {},
  trusted: {},
  dialled: {},
};
const absent: StackReading = { name: "dev-west", exports: undefined, reason: "it is away", next: "pulumi up" };

describe("what another stack says", () => {
  const edges = (apps: string) =>
    planText(`
environment: development
clusters:
  hub: { stack: dev-hub, ingress: { host: hub.example.com } }
  hub-2: { stack: dev-hub }
${[1, 2, 3].map((edge) => `  edge-${edge}: { stack: dev-edge-${edge}, inbound: none }`).join("\n")}
peers:
  hub: { cluster: hub, version: 1.63.2 }
${[1, 2, 3].map((edge) => `  edge-${edge}: { cluster: edge-${edge}, version: 1.63.2 }`).join("\n")}
apps:
  shop: { peers: [hub, edge-1, edge-2, edge-3]${apps} }
replications:
  orders: { app: shop, hub: hub, spokes: [edge-1, edge-2, edge-3], up: { orders: "paid = true" } }
`).plan;
  const known = ", id: 2164bef3-37c0-489c-9ac6-c94b034525d7";
  /** The stacks that the owner of some clusters asks, while `says` is what each of them says. */
  const asked = async (apps: string, owned: string[], says: (stack: string) => unknown = () => undefined) => {
    const names: string[] = [];
    const own = new Set(owned);
    await readOtherStacks(edges(apps), { owned: own, reached: own }, absent, async (name) => {
      names.push(name.replace("acme/bigpeer-topology/", ""));
      return { topology: says(name), tokens: { apps: name.endsWith("dev-hub") ? { shop: "t" } : {} } };
    });
    return names.sort();
  };

  test("is read once, however many of its clusters there are", async () => {
    expect(await asked("", ["edge-1", "edge-2", "edge-3"])).toEqual(["dev-hub"]);
  });

  test("is read where the two have a link, and not otherwise", async () => {
    expect(await asked(known, ["edge-1"])).toEqual(["dev-hub"]);
    expect(await asked(known, ["hub"])).toEqual(["dev-edge-1", "dev-edge-2", "dev-edge-3"]);
  });

  test("is asked for an app's ID and token: the stack of its first peer, and every other if that does not know", async () => {
    const shop = { ...contract, apps: { shop: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7" } } };
    const hubKnows = (stack: string) => (stack.endsWith("dev-hub") ? shop : { ...contract, apps: {} });
    expect(await asked("", ["edge-1"], hubKnows)).toEqual(["dev-hub"]);
    expect(await asked("", ["edge-1"])).toEqual(["dev-edge-2", "dev-edge-3", "dev-hub"]);
    const playground = `${known}, auth: { playground: {} }`;
    expect(await asked(playground, ["edge-1"], hubKnows)).toEqual(["dev-hub"]);
    expect(await asked(playground, ["edge-1"])).toEqual(["dev-edge-2", "dev-edge-3", "dev-hub"]);
  });

  const refusing = (message: string) => async () => Promise.reject(new Error(message));
  const notYet: [string, () => Promise<Record<string, unknown>>, RegExp][] = [
    [
      "a stack that does not exist",
      refusing('unknown stack "acme/p/dev-west"'),
      /"dev-west" does not exist yet, or this/,
    ],
    ["a stack without outputs", async () => ({}), /has no outputs yet/],
  ];
  const unreadable: [string, () => Promise<Record<string, unknown>>, RegExp][] = [
    ["a backend that refuses", refusing("403 Forbidden"), /cannot be read: 403 Forbidden/],
    ["a backend that is down", refusing("getaddrinfo ENOTFOUND: host not found"), /cannot be read: .*ENOTFOUND/],
    ["another passphrase", refusing("incorrect passphrase"), /cannot be read: PULUMI_CONFIG_PASSPHRASE is not/],
    [
      "an output of another form",
      async () => ({ topology: { ...contract, exposures: 7 } }),
      /the output "topology\.exposures" of the stack "dev-west"/,
    ],
    [
      "an output of a later release",
      async () => ({ topology: { ...contract, contract: 2 } }),
      /the output "topology\.contract" of the stack "dev-west"/,
    ],
  ];

  test.each(notYet)("%s has said nothing yet: its update is what to run next", async (_, read, reason) => {
    const stack = await readStack("dev-west", read);
    expect(stack).toMatchObject({ exports: undefined, next: "pulumi up --stack dev-west" });
    expect(stack).not.toHaveProperty("unreadable");
    expect("reason" in stack && stack.reason).toMatch(reason);
  });

  test.each(unreadable)("%s is a reason, too, and no update of that stack resolves it", async (_, read, reason) => {
    const stack = await readStack("dev-west", read);
    expect(stack).toMatchObject({ exports: undefined, unreadable: true });
    expect("reason" in stack && stack.reason).toMatch(reason);
    expect("next" in stack && stack.next).not.toMatch(/^pulumi up/);
  });

  test("that cannot be decrypted is told from tokens that are not there", async () => {
    const sealed = await readStack("dev-west", async () => ({ topology: contract, tokens: "" }));
    expect(sealed).toMatchObject({
      exports: { contract: 1 },
      tokensUnread: expect.stringMatching(/"dev-west" cannot be/),
    });
    expect(await readStack("dev-west", async () => ({ topology: contract }))).not.toHaveProperty("tokensUnread");
  });

  test("of this stack itself is nothing only where it was read and has no outputs; else the update is refused", async () => {
    expect(await readOwnStack("dev-east", async () => ({}))).toMatchObject({ exports: undefined });
    expect(await readOwnStack("dev-east", async () => ({ topology: contract }))).toMatchObject({ exports: contract });
    const failed = [...unreadable, ...notYet.slice(0, 1)];
    for (const [, read] of failed) {
      const refusal = await readOwnStack("dev-east", read).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(TopologyError);
      expect(refusal).toMatchObject({ findings: [{ rule: "own-outputs-unread", severity: "error" }] });
      expect(String(refusal)).toMatch(/the stack "dev-east"/);
    }
  });
});

test("an answer of the engine without outputs is a failure, and not a stack that has none", async () => {
  await expect(readByEngine("acme/p/dev-west")).rejects.toThrow(/without outputs/);
});

describe("the address of a target that another stack exposes", () => {
  const resolve = (other: StackReading, before: StackReading) =>
    exposedAddresses(plan, new Set(["east"]), new Map(), { others: new Map([["west", other]]), before });

  test("is what that stack says", () => {
    const { known, pending } = resolve({ name: "dev-west", exports: contract, tokens: {} }, absent);
    expect([...known]).toEqual([[exposure, "192.0.2.7:4042"]]);
    expect(pending).toEqual([]);
  });

  test("stays what it was while that stack cannot be read, and is pending", () => {
    const before = { ...contract, exposures: {}, dialled: { [exposure]: "192.0.2.6:4042" } };
    const { known, pending } = resolve(absent, { name: "dev-east", exports: before, tokens: {} });
    expect([...known]).toEqual([[exposure, "192.0.2.6:4042"]]);
    expect(pending).toEqual([{ what: `address of ${exposure}`, reason: "it is away", next: "pulumi up" }]);
  });
});

test("a target of the same stack is dialled where it was while its load balancer has no address", () => {
  const whole = new Set(["east", "west"]);
  const dialled = (exposures: Record<string, string>, own = new Map<string, string>()) =>
    exposedAddresses(plan, whole, own, {
      others: new Map(),
      before: { name: "dev", exports: { ...contract, exposures }, tokens: {} },
    }).known.get(exposure);
  expect(dialled({ [exposure]: "192.0.2.7:4042" })).toBe("192.0.2.7:4042");
  expect(dialled({ [exposure]: "192.0.2.7:4042" }, new Map([[exposure, "192.0.2.8:4042"]]))).toBe("192.0.2.8:4042");
  expect(dialled({ [exposure]: "192.0.2.7:4049" })).toBeUndefined();
});

describe("trust in an issuer", () => {
  const text = `environment: development
caIssuer: { name: big-peers }
clusters:
  hub: { stack: dev-hub, ingress: { host: hub.example.com } }
  old: { stack: dev-old, inbound: none }
  new: { stack: dev-new, inbound: none }
peers:
  hub: { cluster: hub, version: 1.63.2 }
  old: { cluster: old, version: 1.63.2 }
  new: { cluster: new, version: 1.63.2 }
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, old, new] }
replications:
  orders: { app: shop, hub: hub, spokes: [old, new], up: { orders: "paid = true" } }
`;
  const api = "ditto-old-api.ditto.svc.cluster.local:8080";
  const trustOf = async (topology: string) => {
    const { certificate } = await createCa("big-peers");
    const others = new Map<string, StackReading>([
      [
        "old",
        { name: "dev-old", exports: { ...contract, peers: { old: { caCertificate: certificate, api } } }, tokens: {} },
      ],
      ["new", { ...absent, name: "dev-new" }],
    ]);
    const planned = planText(topology).plan;
    const made = new Map([["hub", output(certificate)]]);
    const known = { others, before: { name: "dev-hub", exports: contract, tokens: {} } };
    const { certificates, pending } = trustedCas(planned, new Set(["hub"]), made, known, async () => ({ unknown: "" }));
    return { trusted: [...certificates.keys()], pending: pending.map(({ what }) => what) };
  };

  test("needs nothing of a Big Peer that is yet to come", async () => {
    expect(await trustOf(text)).toEqual({ trusted: ["old", "new"], pending: [] });
  });

  test("waits for a Big Peer with a CA of its own", async () => {
    const own = text.replace("new, version: 1.63.2 }", "new, version: 1.63.2, caIssuer: none }");
    expect(await trustOf(own)).toEqual({ trusted: ["old"], pending: ["trust of new"] });
  });
});

describe("trust over a rotation", () => {
  const day = 24 * 60 * 60 * 1000;
  const now = new Date("2026-11-26T12:00:00Z");
  let old: string;
  let renewed: string;
  let leafOfOld: X509Certificate;
  let leafOfRenewed: X509Certificate;
  const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256;
  beforeAll(async () => {
    const [first, second] = await Promise.all([createCa("bp2 CA"), createCa("bp2 CA")]);
    old = `${first.certificate.trim()}\n`;
    renewed = `${second.certificate.trim()}\n`;
    leafOfOld = new X509Certificate((await issueLeaf(first, "bp2")).certificate);
    leafOfRenewed = new X509Certificate((await issueLeaf(second, "bp2")).certificate);
  });
  const unseen = { unknown: "it cannot be inspected from here" };
  const api = "ditto-bp2-api.ditto.svc.cluster.local:8080";
  const said = (change: Partial<StackExports>): StackReading => ({
    name: "dev",
    exports: { ...contract, ...change },
    tokens: {},
  });
  const has = (caCertificate: string, change: Partial<StackExports> = {}) =>
    said({ peers: { bp2: { caCertificate, api } }, ...change });
  /** What dev-east makes of bp2, which dev-west owns. */
  const ofOther = async (west: StackReading, east: StackReading, look: Look = unseen, time = now, planned = plan) => {
    const decided = trustedCas(
      planned,
      new Set(["east"]),
      new Map(),
      { others: new Map([["west", west]]), before: east },
      async () => look,
      time,
    );
    const certificates = decided.certificates.get("bp2");
    return {
      trusted: certificates && (await known(certificates)),
      former: await known(decided.former),
      shown: await known(decided.shown),
      pending: [...decided.pending, ...(await known(decided.rotations))],
    };
  };
  const trusting = (trusted: string, change: Partial<StackExports> = {}) =>
    said({ trusted: { bp2: trusted }, ...change });

  test("is the new CA and the one before, however many updates there are, as long as nobody has seen what the peer shows", async () => {
    let east = trusting(old);
    for (let pass = 0; pass < 5; pass++) {
      const { trusted = "", former } = await ofOther(has(renewed), east, unseen, new Date(now.getTime() + pass * day));
      expect(trusted).toBe(`${renewed}${old}`);
      expect(former).toEqual({ bp2: [{ certificate: old, since: now.toISOString() }] });
      east = trusting(trusted, { former });
    }
  });

  test("stays as long as the peer shows a certificate of the former CA, and ends when it shows one of the new", async () => {
    const during = await ofOther(has(renewed), trusting(old), { chains: [[leafOfOld]] });
    expect(during).toMatchObject({ trusted: `${renewed}${old}`, shown: { bp2: fingerprint(old) } });
    const after = await ofOther(has(renewed), trusting(`${renewed}${old}`), { chains: [[leafOfRenewed]] });
    expect(after).toEqual({ trusted: renewed, former: {}, shown: { bp2: fingerprint(renewed) }, pending: [] });
  });

  test("stays as long as one of several replicas shows a certificate of the former CA", async () => {
    const { trusted } = await ofOther(has(renewed), trusting(old), { chains: [[leafOfRenewed], [leafOfOld]] });
    expect(trusted).toBe(`${renewed}${old}`);
  });

  test("ends by what the peer's own stack has seen, without another look", async () => {
    const west = has(renewed, { former: {}, shown: { bp2: fingerprint(renewed) } });
    expect(await ofOther(west, trusting(`${renewed}${old}`))).toMatchObject({ trusted: renewed, pending: [] });
  });

  test("takes over a former CA from the peer's own stack, for a peer that has come to trust it in the middle of the rotation", async () => {
    const west = has(renewed, { former: { bp2: [{ certificate: old, since: "2026-11-01T00:00:00.000Z" }] } });
    const { trusted, former } = await ofOther(west, said({}));
    expect(trusted).toBe(`${renewed}${old}`);
    expect(former.bp2?.[0]?.since).toBe("2026-11-01T00:00:00.000Z");
  });

  test("says what it waits for, and until when", async () => {
    const { pending } = await ofOther(has(renewed), trusting(old));
    const until = new Date(new X509Certificate(old).validTo);
    expect(pending).toMatchObject([{ what: "rotation of the CA of bp2", until: until.toISOString() }]);
    expect(pending[0]?.reason).toBe(
      "bp2 has had a different CA since 2026-11-26, and its former CA is also trusted until bp2 shows a certificate of the new one, " +
        `or until ${until.toISOString().slice(0, 10)}: it cannot be inspected from here`,
    );
  });

  test("ends at the limit that the topology sets", async () => {
    const text = readFileSync("topologies/two-clusters.yaml", "utf8");
    const limited = planText(text.replace("bp2: { cluster: west,", "bp2: { cluster: west, keepFormerCa: 30d,")).plan;
    const at = (days: number) =>
      ofOther(
        has(renewed),
        trusting(`${renewed}${old}`, { former: { bp2: [{ certificate: old, since: now.toISOString() }] } }),
        unseen,
        new Date(now.getTime() + days * day),
        limited,
      );
    expect((await at(29)).trusted).toBe(`${renewed}${old}`);
    expect((await at(29)).pending[0]?.until).toBe(new Date(now.getTime() + 30 * day).toISOString());
    expect(await at(30)).toMatchObject({ trusted: renewed, former: {}, pending: [] });
  });

  test("does not change, and looks at nothing, while the CA does not", async () => {
    const looked = { chains: [[leafOfRenewed]] };
    expect(await ofOther(has(old), trusting(old), looked)).toEqual({
      trusted: old,
      former: {},
      shown: {},
      pending: [],
    });
    expect(await ofOther(has(old), said({}), looked)).toEqual({ trusted: old, former: {}, shown: {}, pending: [] });
  });

  test("stays as it was while the stack of the peer cannot be read", async () => {
    const { trusted, pending } = await ofOther(absent, trusting(`${renewed}${old}`));
    expect(trusted).toBe(`${renewed}${old}`);
    expect(pending).toMatchObject([{ what: "trust of bp2", reason: "it is away" }]);
  });

  test("is kept by the stack that owns a peer, too, which nobody of its own trusts", async () => {
    const decided = trustedCas(
      plan,
      new Set(["west"]),
      new Map([["bp2", output(renewed)]]),
      { others: new Map([["east", absent]]), before: has(old) },
      async () => ({ chains: [[leafOfOld]] }),
      now,
    );
    expect(await known(decided.former)).toEqual({ bp2: [{ certificate: old, since: now.toISOString() }] });
    expect(await known(decided.shown)).toEqual({ bp2: fingerprint(old) });
    expect(await known(decided.rotations)).toMatchObject([{ what: "rotation of the CA of bp2" }]);
    expect(decided.certificates.has("bp2")).toBe(false);
  });
});

/** A stack's output, as another stack reads it. */
function known<T>(value: Output<T>): Promise<T> {
  return new Promise((resolve) => value.apply((found) => resolve(found)));
}

describe("a live ingress controller", () => {
  const ingress = plan.clusters.get("west")?.ingresses.get("default");
  const live = ({ ports = [{ name: "http", port: 80 }], tcpServices = {} }: Opened) => ({
    container: undefined,
    service: serviceWith({ ports }),
    tcpServices,
    changedEntries: new Set<number>(),
  });
  const taken = (changes: Opened) => (ingress ? foreignPorts(plan, plan.exposures, ingress, live(changes)) : []);

  const pinCommand =
    "`npx bigpeer pin <topology> --avoid west:4042,4043` writes all of them and moves no port that is deployed";

  test("whose Service opens our port for somebody else is refused, and a free port is named", () => {
    const [finding, ...others] = taken({ ports: [{ name: "db", port: 4042 }], tcpServices: { "4043": "a/b:1" } });
    expect(others).toEqual([]);
    expect(finding?.what).toMatch(/port 4042 .* cluster "west" is open for somebody else \(db\)/);
    expect(finding?.fix).toBe(`pin a free one: \`port: { bp2: 4044 }\`; ${pinCommand}`);
  });

  test("that has given several of our ports away is told another free one for each", () => {
    const text = "{ app: cars, between: [bp1, bp2], queries: { cars: [\"color = 'red'\"] } }";
    const two = planText(`
clusters:
  east: { ingress: { host: bp.east.example.com, ports: 4040-4049 } }
  west: { ingress: { ports: 4040-4049 } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  # bigpeer-ignore pair-covered-twice: for the test
  red: ${text.replace("between: [bp1, bp2]", "between: [bp1, bp2], port: 4042")}
  blue: ${text.replace("between: [bp1, bp2]", "between: [bp1, bp2], port: 4043").replace("red", "blue")}
`).plan;
    const controller = two.clusters.get("west")?.ingresses.get("default");
    const ports = [4042, 4043].map((port) => ({ name: "db", port }));
    const findings = controller ? foreignPorts(two, two.exposures, controller, live({ ports })) : [];
    expect(findings.map(({ fix }) => fix)).toEqual([
      `pin a free one: \`port: { bp2: 4044 }\`; ${pinCommand}`,
      `pin a free one: \`port: { bp2: 4045 }\`; ${pinCommand}`,
    ]);
  });

  test("whose ConfigMap leads our port elsewhere is refused", () => {
    expect(taken({ tcpServices: { "4042": "other/db:5432" } })[0]?.what).toMatch(/somebody else \(other\/db:5432\)/);
  });

  test("that cannot be looked at is refused before anything is written", async () => {
    const away = async () => Promise.reject(new Error("it does not answer"));
    const looking = ownedControllers(plan, new Set(["west"]), new Map([["west", away]]));
    await expect(looking).rejects.toThrow(TopologyError);
    await expect(looking).rejects.toThrow(
      /clusters\.west: the ingress controller cannot be inspected: it does not answer/,
    );
  });

  test("that cannot be looked at is the same error in `check --live` as in a deployment", async () => {
    const refused = await ownedControllers(
      plan,
      new Set(["west"]),
      new Map([["west", async () => Promise.reject(new Error("no"))]]),
    ).catch((error: unknown) => (error instanceof TopologyError ? error.findings : []));
    const checked = await controllerCheck(plan, [
      { cluster: "west", context: "nowhere", kubeconfig: "apiVersion: v1\n" },
    ]);
    for (const findings of [refused, checked])
      expect(findings).toMatchObject([{ rule: "controller-unread", severity: "error", path: ["clusters", "west"] }]);
  });

  test("whose port is our own is fine", () => {
    const ours = { "4042": "ditto/ditto-bp2-replication-blue-cars-bp2:4040" };
    expect(taken({ ports: [{ name: "bigpeer-4042", port: 4042 }], tcpServices: ours })).toEqual([]);
  });

  test("whose port has the name of ours and leads elsewhere is another topology's, unless the stack has exposed it before", () => {
    if (!ingress) throw new Error("the topology has an ingress");
    const theirs = { "4042": "staging/ditto-bp2-replication-blue-cars-bp2:4040" };
    const changes = { ports: [{ name: "bigpeer-4042", port: 4042 }], tcpServices: theirs };
    const refused = (...exported: number[]) =>
      foreignPorts(plan, plan.exposures, ingress, live(changes), new Set(exported)).map(({ what, fix }) => what + fix);
    expect(refused()).toEqual([
      expect.stringMatching(/is open for somebody else \(staging\/.*pin a free one: `port: { bp2: 4043 }`/),
    ]);
    expect(refused(4042)).toEqual([]);
    // Another setting of PROXY protocol still leads to ours.
    const ours = { "4042": "ditto/ditto-bp2-replication-blue-cars-bp2:4040:PROXY" };
    const found = foreignPorts(plan, plan.exposures, ingress, live({ ...changes, tcpServices: ours }), new Set());
    expect(found).toEqual([]);
  });
});

interface Opened {
  readonly ports?: readonly LivePort[];
  readonly tcpServices?: Readonly<Record<string, string>>;
}
