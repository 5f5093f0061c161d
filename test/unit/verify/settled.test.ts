import { describe, expect, test } from "vitest";
import { planText } from "../../../topology/check.ts";
import { planProbes } from "../../../verify/probes.ts";
import { settledPart } from "../../../verify/settled.ts";

const topology = (replications: readonly string[]) => `
environment: development
clusters:
  hub: { ingress: { host: hub.example.com } }
  one: { inbound: none }
  two: { inbound: none }
peers:
  hub: { cluster: hub, version: 1.63.2 }
  one: { cluster: one, version: 1.63.2 }
  two: { cluster: two, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, one, two] }
  vans: { id: 3164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, one] }
replications:
${replications.map((each) => `  ${each}\n`).join("")}`;
const cars = `cars: { app: cars, hub: hub, spokes: [one, two], down: { cars: "color = 'red'" } }`;
const otherCars = cars.replace("red", "blue");
const vans = `vans: { app: vans, between: [one, hub], queries: { vans: "true" } }`;

const { plan: before } = planText(topology([cars]));
const { plan } = planText(topology([cars, vans]));

/** The probes of a part, and who trusts whom in it. */
function part(touched: string[], settled: string[], deployed: typeof plan | undefined, now = plan) {
  const made = settledPart(now, { touched: new Set(touched), settled: new Set(settled) }, () => deployed);
  const asked = planProbes(made.plan).filter(made.only);
  expect(asked).toHaveLength(made.probes);
  return {
    probes: [...new Set(asked.map(({ replication, from, to }) => `${replication} ${from} ${to}`))].sort(),
    trusts: [...made.plan.peers.values()]
      .flatMap(({ name, trusts }) => trusts.map(({ peer }) => `${name} ${peer}`))
      .sort(),
  };
}

describe("while others are not updated yet, of the clusters of a wave is verified", () => {
  test("what they had with the others before, and not what is new there", () => {
    expect(part(["one"], ["one"], before)).toEqual({
      probes: ["cars hub one", "cars one hub"],
      trusts: ["hub one", "one hub"],
    });
  });

  test("everything with those that have been updated, before them or together", () => {
    expect(part(["one"], ["one", "hub"], before).probes).toEqual([
      ...["cars hub one", "cars one hub"],
      ...["vans hub one", "vans one hub"],
    ]);
    expect(part(["hub", "one", "two"], ["hub", "one", "two"], undefined).probes).toHaveLength(6);
  });

  test("nothing with those that were never deployed, nor the trust in them", () => {
    expect(part(["one"], ["one"], undefined)).toEqual({ probes: [], trusts: [] });
  });

  test("a query that they have alone, since who only sends need not know of it", () => {
    const { plan: changed } = planText(topology([otherCars]));
    expect(part(["one"], ["one"], before, changed).probes).toEqual(["cars hub one"]);
  });

  test("nothing over a link that the others have elsewhere: they dial, or are dialled, at the old place", () => {
    const { plan: moved } = planText(topology([cars.replace(" down", " port: 4055, down")]));
    expect(part(["hub"], ["hub"], before, moved).probes).toEqual([]);
    expect(part(["one"], ["one"], before, moved).probes).toEqual([]);
  });

  test("nothing of a query that the others do not have yet", () => {
    const { plan: changed } = planText(topology([otherCars]));
    expect(part(["hub"], ["hub"], before, changed).probes).toEqual([]);
    expect(part(["hub"], ["hub", "one"], before, changed).probes).toEqual(["cars hub one", "cars one hub"]);
  });

  test("nothing of clusters that are not in the wave", () => {
    expect(part(["two"], ["hub", "one", "two"], undefined).probes).toEqual(["cars hub two", "cars two hub"]);
  });
});
