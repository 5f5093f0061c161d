import type { Tape } from "./tape.ts";

/** Names as people give them, and names that run into each other when they are put together or are read as something else. */
const plainNames = ["a", "b", "c", "bp1", "bp2", "east", "west", "cars", "blue-cars", "a-b", "b-c", "hub"];
const trickyNames = [
  ...["ditto", "trusts", "ca", "api", "replication", "api-replication-a", "a-trusts-b", "b-trusts-c", "to", "from"],
  ...["constructor", "1", "a-b-c", "c-a"],
];
const badNames = ["__proto__", "toString", "Upper", "under_score", "", "-", "x".repeat(30), "y".repeat(63)];

/** A topology made by the grammar of the file: every form and every setting, most references to something that is there. */
export function topologyValue(tape: Tape): unknown {
  const names = (least: number, most: number) =>
    tape.some(
      [...plainNames, ...(tape.chance(4) ? trickyNames : []), ...(tape.chance(25) ? badNames : [])],
      least,
      most,
    );
  const clusterNames = names(1, 3);
  const peerNames = names(1, 5);
  const appNames = names(1, 2);
  const oneOf = (list: readonly string[]) => (tape.chance(60) ? "nobody" : (list[tape.below(list.length)] ?? ""));
  const members = (least: number, most: number) => {
    const chosen = tape.some(peerNames, least, most);
    return tape.chance(40) ? [...chosen, oneOf(peerNames)] : chosen;
  };
  return {
    ...maybe(tape, 2, { environment: tape.pick(["development", "production"]) }),
    ...maybe(tape, 30, { operator: operator(tape) }),
    ...maybe(tape, 12, { confirmRemoval: members(1, 2), allowReplace: [`peers.${oneOf(peerNames)}`] }),
    clusters: record(clusterNames, () => cluster(tape)),
    peers: record(peerNames, () => peer(tape, oneOf(clusterNames))),
    apps: record(appNames, () => ({
      peers: tape.chance(5) ? members(1, 5) : peerNames,
      ...maybe(tape, 2, { id: tape.pick([uuid, uuid.toUpperCase(), uuid.replace("2", "3")]) }),
      ...maybe(tape, 6, { auth: auth(tape) }),
      ...maybe(tape, 8, { collections: ["cars", "vans"] }),
    })),
    replications: record(names(0, 6), () => replication(tape, oneOf(appNames), oneOf, members, peerNames)),
  };
}

const uuid = "2164bef3-37c0-489c-9ac6-c94b034525d7";

function maybe<T extends object>(tape: Tape, often: number, value: T): Partial<T> {
  return tape.chance(often) ? value : {};
}

/** With an own key also where it is called `__proto__`. */
function record(names: readonly string[], make: (name: string) => unknown): object {
  const made = {};
  for (const name of names)
    Object.defineProperty(made, name, { value: make(name), enumerable: true, configurable: true, writable: true });
  return made;
}

function cluster(tape: Tape): object {
  const ingress = () => ({
    ...maybe(tape, 2, {
      host: tape.pick(["a.example.com", "b.example.com", "192.0.2.1", "2001:db8::1", "[2001:db8::1]"]),
    }),
    ...maybe(tape, 30, { host: "bad host" }),
    ...maybe(tape, 2, { ports: tape.pick(["4040-4139", "4040-4042", "4040-4040", "1-65535", "80-90"]) }),
    ...maybe(tape, 8, { namespace: tape.pick(["edge", "ditto"]) }),
    ...maybe(tape, 8, { service: tape.pick(["controller", "ingress-nginx-controller"]) }),
    ...maybe(tape, 8, { configMap: tape.pick(["tcp", "tcp-services"]) }),
    ...maybe(tape, 8, { proxyProtocol: tape.pick(["none", "decode", "encode", "both"]) }),
    ...maybe(tape, 4, { manage: tape.pick(["check", "arguments"]) }),
  });
  return {
    ...(tape.chance(4) ? { inbound: "none" } : { ingress: ingress() }),
    ...maybe(tape, 10, { context: tape.pick(["one", "two"]) }),
    ...maybe(tape, 10, { namespace: tape.pick(["ditto", "other", "n".repeat(63)]) }),
    ...maybe(tape, 10, { stack: tape.pick(["dev-east", "org/project/dev"]) }),
    ...maybe(tape, 4, { exposures: record(tape.some(["lb", "default", "second"], 1, 2), () => exposure(tape)) }),
    ...maybe(tape, 6, {
      exposure: tape.pick<unknown>([exposure(tape), "lb", ["default", "lb"], ["lb", "missing"], []]),
    }),
    ...maybe(tape, 6, { ingresses: record(tape.some(["internal", "default", "second"], 1, 2), ingress) }),
  };
}

/** One way of exposing targets, now and then two or none. */
function exposure(tape: Tape): object {
  const ports = maybe(tape, 3, { ports: tape.pick(["4040-4042", "30000-30002", "1-65535", "x"]) });
  const host = tape.pick(["a.example.com", "{peer}.example.com", "{nobody}.example.com", "bad host", "localhost"]);
  const listeners = tape.pick<object>([{}, { listeners: "existing" }, { listeners: "gateway", className: "c" }]);
  return tape.pick<object>([
    { address: { host } },
    { loadBalancer: { ...ports, ...maybe(tape, 3, { host }), ...maybe(tape, 3, { sourceRanges: ["192.0.2.0/24"] }) } },
    { nodePort: { host, ...ports } },
    { gateway: { name: "tcp", namespace: "infra", ...listeners, ...ports } },
    { transportServer: { ...ports, ...maybe(tape, 3, { manage: "listeners" }) } },
    { ingressNginx: ports },
    {},
    { loadBalancer: {}, nodePort: { host } },
  ]);
}

function peer(tape: Tape, clusterName: string): object {
  return {
    cluster: clusterName,
    version: tape.pick(["1.63.2", "1.63.2", "1.49.0", "1.40.3", "0.0.0"]),
    ...maybe(tape, 8, { namespace: tape.pick(["ditto", "own"]) }),
    ...maybe(tape, 8, { ingress: tape.pick(["default", "internal", "missing"]) }),
    ...maybe(tape, 8, { exposure: tape.pick<unknown>(["lb", ["default", "lb"], "missing"]) }),
    ...maybe(tape, 10, { address: tape.pick(["bp.example.com", "bad host", "2001:db8::1"]) }),
    ...maybe(tape, 6, { auth: auth(tape) }),
    ...maybe(tape, 8, { store: { replicas: 1 + tape.below(3), storage: tape.pick(["10Gi", "1", "much"]) } }),
    ...maybe(tape, 10, { evicts: ["cars"] }),
    ...maybe(tape, 10, {
      spec: tape.pick<object>([{ a: 1 }, { version: "9.9.9" }, { auth: { trustedCASecrets: [] } }]),
    }),
    ...maybe(tape, 10, { host: tape.pick(["bp.example.com", ""]) }),
  };
}

function auth(tape: Tape): object {
  return {
    ...maybe(tape, 2, {
      playground: tape.pick<object>([{}, { token: "in plain sight" }, { token: { config: "token" } }]),
    }),
    ...maybe(tape, 3, {
      webhooks: { own: { url: tape.pick(["https://auth.example.com", "http://auth", "nowhere"]) } },
    }),
  };
}

function replication(
  tape: Tape,
  app: string,
  oneOf: (list: readonly string[]) => string,
  members: (least: number, most: number) => string[],
  peers: readonly string[],
): object {
  const queries = {
    [tape.pick(["cars", "vans"])]: tape.pick<unknown>(tape.chance(15) ? [...badPredicates] : [...predicates]),
  };
  const [first = "", second = tape.chance(20) ? first : "nobody"] = members(2, 2);
  const form = tape.pick<() => object>([
    () => ({ between: [first, second], queries, ...maybe(tape, 3, { dial: second }) }),
    () => ({ from: first, to: second, queries, ...maybe(tape, 3, { dial: tape.pick(["to", "from", second]) }) }),
    () => ({
      hub: first,
      spokes: members(1, 4),
      down: queries,
      ...maybe(tape, 2, { up: queries }),
      ...maybe(tape, 3, { dial: "hub" }),
    }),
    () => ({ mesh: members(2, 5), queries }),
  ]);
  return {
    app,
    ...form(),
    ...maybe(tape, 10, { port: tape.pick<unknown>([4040, 4041, 443, 70000, { [oneOf(peers)]: 4040 }]) }),
    ...maybe(tape, 12, { probe: { cars: { color: "blue" } } }),
    ...maybe(tape, 40, { up: queries }),
  };
}

const predicates = [
  ...["color = 'blue'", "true", ["color = 'red'", "color = 'blue'"], "color = 'blue' AND size > 3", "a = 1 OR b = 2"],
  ...["a IN ('x', 'y')", "NOT (a = 1)", "a LIKE '%x'"],
] as const satisfies readonly [unknown, ...unknown[]];
const badPredicates = ["", "a == 1", "color = ", "a = :color", "false", []] as const satisfies readonly [
  unknown,
  ...unknown[],
];

function operator(tape: Tape): object {
  return tape.pick<object>([
    { group: "ditto.example" },
    { caSecret: { name: "{peer}" } },
    { caSecret: { name: "ca" } },
    { replicationService: { name: "{replication}" } },
    { replicationService: { name: "{peer}-{replication}", port: 4041 } },
    { apiService: { name: "ditto-{peer}-replication-{peer}" } },
    { apiService: { name: "Api" } },
    { labels: { app: "ditto.live/big-peer" } },
    { fields: { bigPeer: { trustedCas: "spec" } } },
    { fields: { bigPeer: { trustedCas: "spec.version.cas" } } },
    { fields: { replication: { connections: "spec.queriesByCollection" } } },
    { shapes: { trustedCa: "{secret}", webhookProvider: { a: [{ url: "{url}" }] }, dqlPermission: {} } },
    { shapes: { trustedCa: "secret" } },
    { trustSecret: { certificateKey: "constructor" } },
  ]);
}
