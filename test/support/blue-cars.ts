/**
 * The pair of the vendor's guide, in two clusters: bp1 in `east` and bp2 in `west` replicate blue cars, and bp1 dials.
 * @param clusters the entries of `clusters`, indented by two
 * @param port the port of the target bp2, where a test needs a certain one
 */
export function blueCars(clusters: string, port?: number): string {
  const pinned = port === undefined ? "" : ` port: { bp2: ${port} },`;
  return `
clusters:
${clusters}
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2],${pinned} queries: { cars: ["color = 'blue'"] } }
`;
}
