import { stringify } from "yaml";

export interface Size {
  readonly clusters: number;
  readonly peers: number;
  readonly replications: number;
}

/** Of every replication the peers, and the port of the target. */
const firstPort = 20_000;

/** A topology of a size: peers in turn over the clusters, and pairs that are all different, every other one in one direction.
 * @param narrowed whether the first replication has a narrower query */
export function topologyOf({ clusters, peers, replications }: Size, narrowed = false): string {
  const mostPairs = (peers * (peers - 1)) / 2;
  if (replications > mostPairs) throw new Error(`${peers} peers make ${mostPairs} pairs, not ${replications}`);
  const clusterName = (index: number) => `c${index % clusters}`;
  const entries = pairs(peers, replications).map(([from, to], index) => {
    const queries = { cars: [`color = 'r${index}'${narrowed && index === 0 ? " AND size > 3" : ""}`] };
    const apart = clusterName(from) !== clusterName(to);
    const ends = index % 2 === 0 ? { between: [`p${from}`, `p${to}`] } : { from: `p${from}`, to: `p${to}` };
    // Hundreds of ports by hash would clash somewhere.
    return [`r${index}`, { app: "cars", ...ends, queries, ...(apart ? { port: firstPort + index } : {}) }];
  });
  return stringify(
    {
      environment: "development",
      clusters: byName(clusters, clusterName, (name) => ({
        ingress: { host: `${name}.example.com`, ports: `${firstPort}-${firstPort + replications}` },
      })),
      peers: byName(
        peers,
        (index) => `p${index}`,
        (_, index) => ({ cluster: clusterName(index), version: "1.63.2" }),
      ),
      apps: {
        cars: {
          id: "2164bef3-37c0-489c-9ac6-c94b034525d7",
          peers: Array.from({ length: peers }, (_, index) => `p${index}`),
        },
      },
      replications: Object.fromEntries(entries),
    },
    { aliasDuplicateObjects: false },
  );
}

/** Pairs of numbers below a limit, none twice: neighbours first, then those two apart, and so on. */
function pairs(limit: number, count: number): [number, number][] {
  const found = new Map<string, [number, number]>();
  for (let distance = 1; found.size < count; distance++)
    for (let from = 0; from < limit && found.size < count; from++) {
      const to = (from + distance) % limit;
      const key = [from, to].sort((a, b) => a - b).join();
      if (from !== to && !found.has(key)) found.set(key, [from, to]);
    }
  return [...found.values()];
}

function byName<T>(count: number, name: (index: number) => string, make: (name: string, index: number) => T) {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), make(name(index), index)]));
}
