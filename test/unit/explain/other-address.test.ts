import { expect, test } from "vitest";
import { linksOf } from "../../../explain/link.ts";
import { otherAddress } from "../../../explain/other-address.ts";
import { planText } from "../../../topology/check.ts";
import { blueCars } from "../../support/blue-cars.ts";

function told(address: string, west = "{}"): string {
  const topology = blueCars(`  east: {}\n  west: ${west}`).replace("queries:", `address: ${address}, queries:`);
  const { plan } = planText(topology);
  const [link] = [...plan.replications.values()].flatMap((replication) => linksOf(plan, replication));
  if (!link) throw new Error("no link");
  return otherAddress(plan, link);
}

test("a target with a second address has the step to it named, and one with a single address has not", () => {
  const two = '["lb-1.example.com:4100", "lb-2.example.com:4100"]';
  expect(told(two)).toBe(
    "; bp2 is open at lb-2.example.com:4100, too, and `npx bigpeer next-address bp2 --replication blue-cars` has that one dialled",
  );
  expect(told(two, "{ stack: prod }")).toContain(
    "`npx bigpeer next-address bp2 --replication blue-cars --stack prod` has",
  );
  expect(told('"lb-1.example.com:4100"')).toBe("");
});

test("the step has no option that would be refused, since others share the list", () => {
  const west =
    "{ ingress: { host: bp.example.com }, exposures: { nodes: { nodePort: { host: node.example.com } } }, exposure: [default, nodes] }";
  const toldOf = (text: string) => {
    const { plan } = planText(text);
    const [link] = [...plan.replications.values()].flatMap((replication) => linksOf(plan, replication));
    if (!link) throw new Error("no link");
    return otherAddress(plan, link);
  };
  const alone = blueCars(`  east: {}\n  west: ${west}`);
  const replication = /^ {2}blue-cars:.*\n/m.exec(alone)?.[0] ?? "";
  const two = alone.replace(
    replication,
    `${replication}${replication.replace("blue-cars", "red-cars").replace("blue", "red")}`,
  );
  expect(toldOf(alone)).toContain("`npx bigpeer next-address bp2 --replication blue-cars` has that one dialled");
  expect(toldOf(two)).toContain(
    "`npx bigpeer next-address west` has the next way of west dialled in all 2 connections to it",
  );
  const ofPeer = two
    .replace(", exposure: [default, nodes]", "")
    .replace(/bp2: \{/, "bp2: { exposure: [default, nodes],");
  expect(toldOf(ofPeer)).toContain(
    "`npx bigpeer next-address bp2` has the next address of bp2 dialled in each replication that has a list of it",
  );
});
