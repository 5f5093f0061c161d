import { expect, test } from "vitest";
import { linksOf } from "../../../explain/link.ts";
import { otherAddress } from "../../../explain/other-address.ts";
import { planText } from "../../../topology/check.ts";

const topology = (address: string) => `environment: development
clusters: { east: {}, west: {} }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], address: ${address}, queries: { cars: ["color = 'blue'"] } }
`;

function told(address: string): string {
  const { plan } = planText(topology(address));
  const [link] = [...plan.replications.values()].flatMap((replication) => linksOf(plan, replication));
  if (!link) throw new Error("no link");
  return otherAddress(plan, link);
}

test("a target with a second address has the step to it named, and one with a single address has not", () => {
  expect(told('["lb-1.example.com:4100", "lb-2.example.com:4100"]')).toBe(
    "; bp2 is open at lb-2.example.com:4100, too, and `npx bigpeer next-address bp2 <topology> --replication blue-cars` has that one dialled",
  );
  expect(told('"lb-1.example.com:4100"')).toBe("");
});
