import { describe, expect, test } from "vitest";
import { planText } from "../../../topology/check.ts";
import { TopologyError } from "../../../topology/findings/finding.ts";
import { planProbes } from "../../../verify/probes.ts";

const topology = (query: string) => `
environment: development
clusters: { dev: {} }
peers:
  a: { cluster: dev, version: 1.63.2 }
  b: { cluster: dev, version: 1.63.2 }
apps:
  shop: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [a, b] }
replications:
  orders:
    app: shop
    from: a
    to: b
    # bigpeer-ignore unfilled-placeholder: the documents hold the template itself
    queries: { orders: ["${query}"] }
`;

const probed = (query: string) => planProbes(planText(topology(query)).plan).filter(({ to }) => to === "b");

const placeholders = [
  "storeId = '{peer}'",
  `storeId = '$\{STORE}'`,
  "storeId = '{{ .Values.store }}'",
  "storeId = '<store>'",
];

describe("a query with a placeholder that nothing fills", () => {
  test.each(placeholders)("%s is refused before anything is probed", (query) => {
    const text = topology(query).replace(/ *# bigpeer-ignore.*\n/, "");
    expect(() => planText(text)).toThrow(TopologyError);
  });

  test.each(placeholders)("%s, suppressed in the file, proves nothing: no document is made up for it", (query) => {
    expect(probed(query)).toEqual([
      expect.objectContaining({
        document: undefined,
        reason: expect.stringContaining("nothing fills the placeholder"),
      }),
    ]);
  });
});

test("a text with braces in it is not a placeholder", () => {
  const text = topology(`shape = '{\\"a\\": 1}'`).replace(/ *# bigpeer-ignore.*\n/, "");
  expect(planProbes(planText(text).plan)[0]?.document).toEqual({ shape: '{"a": 1}' });
});
