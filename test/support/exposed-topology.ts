/** A topology of two clusters, in which bp1 dials bp2 and the file says how west is exposed. */
export function exposedTopology(
  west: string,
  more: { readonly peer?: string; readonly replication?: string; readonly others?: string } = {},
): string {
  const { peer = "", replication = "", others = "" } = more;
  return `
environment: development
clusters:
  east: { inbound: none }
  west: ${west}
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2${peer} }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] }${replication} }
${others}`;
}
