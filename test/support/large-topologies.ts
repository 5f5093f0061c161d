/** Topologies of the sizes that are promised, as the text of a file. */

const ids = ["2164bef3-37c0-489c-9ac6-c94b034525d7", "85d94eeb-b9be-4b2b-8c9f-7ebd3b6a1e1c"];

function numbered(n: number, name: string): string[] {
  return Array.from({ length: n }, (_, index) => `${name}-${index + 1}`);
}

/**
 * Regions whose hubs are meshed, each with shops that nobody can dial: regions * (1 + shops) peers. Every shop subscribes to its
 * region's prices by one replication of all, and to its own stock by one of its own.
 */
export function regionsAndShops(regions: number, shops: number, change: { readonly price?: string } = {}): string {
  const hubs = numbered(regions, "hub");
  const shopsOf = (hub: string) => numbered(shops, hub.replace("hub", "shop"));
  const all = hubs.flatMap(shopsOf);
  const lines = (names: readonly string[], line: (name: string) => string) => names.map(line).join("\n");
  return `clusters:
${lines(hubs, (hub) => `  ${hub}: { ingress: { host: bp.${hub}.example.com, ports: 4000-9999 } }`)}
${lines(all, (shop) => `  ${shop}: { inbound: none }`)}
peers:
${lines(hubs, (hub) => `  ${hub}: { cluster: ${hub}, version: 1.63.2 }`)}
${lines(all, (shop) => `  ${shop}: { cluster: ${shop}, version: 1.63.2 }`)}
apps:
  retail: { id: ${ids[0]}, peers: [${[...hubs, ...all].join(", ")}] }
  audit: { id: ${ids[1]}, peers: [${hubs.join(", ")}] }
replications:
  backbone: { app: retail, mesh: [${hubs.join(", ")}], queries: { customers: ["loyal = true"], orders: ["total > 100"] } }
  audit: { app: audit, hub: ${hubs[0]}, spokes: [${hubs.slice(1).join(", ")}], up: { entries: ["severity > 2"] } }
${lines(
  hubs,
  (hub) =>
    `  prices-${hub}: { app: retail, hub: ${hub}, spokes: [${shopsOf(hub).join(", ")}], down: { prices: ["${change.price ?? "valid = true"}"] } }`,
)}
${hubs
  .map((hub) =>
    lines(
      shopsOf(hub),
      (shop) =>
        `  stock-${shop}: { app: retail, between: [${shop}, ${hub}], queries: { stock: ["shop = '${shop}'"] } }`,
    ),
  )
  .join("\n")}
`;
}

/** `peers` peers in four clusters, each linked with those after it by `replications` replications between two, of a query each. */
export function manyReplications(
  peers: number,
  replications: number,
  change: { readonly query?: string } = {},
): string {
  const clusters = numbered(4, "cluster");
  const names = numbered(peers, "peer");
  const links = Array.from({ length: replications }, (_, index) => {
    const first = index % peers;
    const second = (first + 1 + Math.floor(index / peers)) % peers;
    const query = change.query ?? `owner = 'peer-${first + 1}'`;
    const port = first % 4 === second % 4 ? "" : `, port: ${12_000 + index}`;
    return `  r${index}: { app: cars, between: [${names[first]}, ${names[second]}], queries: { cars: ["${query} AND part = ${index}"] }${port} }`;
  });
  return `clusters:
${clusters.map((name) => `  ${name}: { ingress: { host: bp.${name}.example.com, ports: 10000-32000 } }`).join("\n")}
peers:
${names.map((name, index) => `  ${name}: { cluster: ${clusters[index % 4]}, version: 1.63.2 }`).join("\n")}
apps:
  cars: { id: ${ids[0]}, peers: [${names.join(", ")}] }
replications:
${links.join("\n")}
`;
}

/**
 * Twelve clusters in three regions with 42 links: a mesh of the nine data centres, and a hub of two more in each region.
 * @param change `versions`: each peer has a version of its own, so that no two are equal
 */
export function twelveClusters(change: { readonly query?: string; readonly versions?: boolean } = {}): string {
  const regions = ["europe", "north", "asia"];
  const centres = regions.flatMap((region) => numbered(3, `${region}-dc`));
  const depots = regions.map((region) => `${region}-depot`);
  const all = [...centres, ...depots];
  const lines = (line: (name: string, index: number) => string) => all.map(line).join("\n");
  return `clusters:
${lines((name) => `  ${name}: { labels: { region: ${name.split("-")[0]} }, ingress: { host: bp.${name}.example.com, ports: 4000-9999 } }`)}
peers:
${lines((name, index) => `  bp-${name}: { cluster: ${name}, version: 1.63.${change.versions ? index : 2} }`)}
apps:
  retail: { id: ${ids[0]}, peers: [${centres.map((name) => `bp-${name}`).join(", ")}] }
  stock: { id: ${ids[1]}, peers: [${all.map((name) => `bp-${name}`).join(", ")}] }
replications:
  catalogue: { app: retail, mesh: [${centres.map((name) => `bp-${name}`).join(", ")}], queries: { products: ["${change.query ?? "published = true"}"] } }
${regions
  .map(
    (region) =>
      `  stock-${region}: { app: stock, hub: bp-${region}-dc-1, spokes: [bp-${region}-depot, bp-${region}-dc-2], up: { stock: ["amount > 0"] }, down: { orders: ["state = 'open'"] } }`,
  )
  .join("\n")}
`;
}

/** Peers of different versions, so that none are drawn as one, in a cluster each: in one mesh, or round a hub. */
export function sites(length: number, form: "mesh" | "hub"): string {
  const names = numbered(length, "site");
  const peers = names.map((name) => `bp-${name}`);
  const [hub, ...spokes] = peers;
  const replication =
    form === "mesh"
      ? `mesh: [${peers.join(", ")}], queries: { stock: ["amount > 0"] }`
      : `hub: ${hub}, spokes: [${spokes.join(", ")}], up: { stock: ["amount > 0"] }, down: { orders: ["state = 'open'"] }`;
  return `clusters:
${names.map((name) => `  ${name}: { ingress: { host: bp.${name}.example.com, ports: 4000-9999 } }`).join("\n")}
peers:
${names.map((name, index) => `  bp-${name}: { cluster: ${name}, version: 1.63.${index} }`).join("\n")}
apps:
  retail: { id: ${ids[0]}, peers: [${peers.join(", ")}] }
replications:
  all: { app: retail, ${replication} }
`;
}

/** Peers in a cluster each, of which each replicates with the next. */
export function chain(length: number): string {
  const names = numbered(length, "site");
  return `clusters:
${names.map((name) => `  ${name}: { ingress: { host: bp.${name}.example.com, ports: 4000-9999 } }`).join("\n")}
peers:
${names.map((name) => `  bp-${name}: { cluster: ${name}, version: 1.63.2 }`).join("\n")}
apps:
  retail: { id: ${ids[0]}, peers: [${names.map((name) => `bp-${name}`).join(", ")}] }
replications:
${names
  .slice(1)
  .map(
    (name, index) =>
      `  to-${name}: { app: retail, from: bp-${names[index]}, to: bp-${name}, queries: { products: ["published = true"] } }`,
  )
  .join("\n")}
`;
}
