/** Topologies of any size, written as a user would write them. */

const shared = "environment: production\n";

/** `<count>` numbers, written with the same number of digits, so that names sort and stay of one length. */
function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, "0")}`);
}

function list(names: readonly string[]): string {
  return `[${names.join(", ")}]`;
}

/**
 * Peers in one cluster, each in a replication with the next: every peer adds one BigPeer, one BigPeerApp and two
 * BigPeerReplications, so `peers` of 50 are 200 custom resources.
 */
export function ringOfPairs(peers: number, context: string): string {
  const names = numbered("p", peers);
  return [
    `${shared}clusters:\n  only: { context: ${context}, namespace: ditto }\npeers:`,
    ...names.map((name) => `  ${name}: { cluster: only, version: 1.63.2 }`),
    `apps:\n  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: ${list(names)} }\nreplications:`,
    ...names.map((name, index) => {
      const next = names[(index + 1) % peers];
      return `  r${name}: { app: cars, between: [${name}, ${next}], queries: { cars: ["lot = '${index}'"] } }`;
    }),
    "",
  ].join("\n");
}

const peersPerCluster = 50;
const neighbours = 9;

/**
 * A fleet: clusters of 50 peers, each peer in ten replications, nine with neighbours in its cluster and one with a peer of the next
 * cluster, in turn both ways and one way. @param clusters at least 2
 */
export function fleet(clusters: number): string {
  const lines = [`${shared}clusters:`];
  const peers = numbered("c", clusters).map((cluster, index) => {
    lines.push(`  ${cluster}: { namespace: ditto, exposure: { ${waysInTurn[index % waysInTurn.length]?.(cluster)} } }`);
    return Array.from({ length: peersPerCluster }, (_, peer) => ({ cluster, name: `${cluster}-p${peer}` }));
  });
  const everybody = peers.flat();
  lines.push("peers:", ...everybody.map(({ cluster, name }) => `  ${name}: { cluster: ${cluster}, version: 1.63.2 }`));
  const names = everybody.map(({ name }) => name);
  lines.push("apps:", `  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: ${list(names)} }`, "replications:");
  const nameOf = (cluster: number, peer: number) =>
    peers[cluster % clusters]?.[peer % peersPerCluster]?.name ?? "nobody";
  for (let cluster = 0; cluster < clusters; cluster++) {
    for (let peer = 0; peer < peersPerCluster; peer++) {
      for (let step = 1; step <= neighbours; step++)
        lines.push(replication(nameOf(cluster, peer), nameOf(cluster, peer + step), step % 2 === 0));
      const port = `, port: ${4040 + peer}`;
      lines.push(replication(nameOf(cluster, peer), nameOf(cluster + 1, peer + 1), peer % 2 === 0, port));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Every way of exposing targets, each with room for the ports that a fleet pins. */
const waysInTurn: readonly ((cluster: string) => string)[] = [
  (cluster) => `ingressNginx: { host: ${cluster}.example.com, ports: 4040-4139 }`,
  () => 'address: { host: "{service}.{namespace}.svc.clusterset.local" }',
  () => "loadBalancer: {}",
  (cluster) => `nodePort: { host: ${cluster}.example.com, ports: 4040-4139 }`,
  () => "gateway: { name: tcp, namespace: infra, ports: 4040-4139 }",
  () => "transportServer: { ports: 4040-4139 }",
];

function replication(from: string, to: string, bothWays: boolean, more = ""): string {
  const queries = `queries: { cars: ["lot = '${from}'", "price < 1000 AND lot = '${to}'"] }`;
  const ends = bothWays ? `between: [${from}, ${to}]` : `from: ${from}, to: ${to}`;
  return `  ${from}-${to}: { app: cars, ${ends}, ${queries}${more} }`;
}

/** A hub and its spokes, each in a cluster of its own that nobody can dial into. */
export function hubAndSpokes(spokes: number, stackOf?: (cluster: string) => string): string {
  const names = numbered("spoke", spokes);
  const stack = (cluster: string) => (stackOf ? `, stack: ${stackOf(cluster)}` : "");
  return [
    `${shared}clusters:`,
    `  hub: { namespace: ditto, ingress: { host: hub.example.com, ports: 4040-4139 }${stack("hub")} }`,
    ...names.map((name) => `  ${name}: { namespace: ${name}, inbound: none${stack(name)} }`),
    "peers:",
    ...["hub", ...names].map((name) => `  ${name}: { cluster: ${name}, version: 1.63.2 }`),
    `apps:\n  shop: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: ${list(["hub", ...names])} }`,
    "replications:",
    `  orders: { app: shop, hub: hub, spokes: ${list(names)}, up: { orders: ["state = 'paid'"] }, down: { menus: ["published = true"] } }`,
    "",
  ].join("\n");
}
