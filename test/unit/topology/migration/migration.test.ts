import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import type { Topology } from "../../../../topology/file/schema.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { reachedBy } from "../../../../topology/flows/flows.ts";
import {
  type Migration,
  MigrationError,
  type MigrationRequest,
  migrate,
} from "../../../../topology/migration/migrate.ts";
import { clusterManifests } from "../../../../topology/objects/cluster-manifests.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { topologies } from "../../../support/random-topology.ts";

const file = `# Ours.
environment: production

clusters:
  east: { ingress: { host: bp.east.example.com } } # the old one
  west: { ingress: { host: bp.west.example.com } }

peers:
  # Grown old.
  bp1: { cluster: east, version: 1.63.2, host: bp1.example.com, store: { storage: 10Gi } } # bp1's own
  bp2: { cluster: west, version: 1.63.2 }

apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2], collections: [cars, owners] }

replications:
  # Both ways.
  blue-cars: { app: cars, between: [bp1, bp2], dial: bp1, port: { bp2: 4050 }, queries: { cars: ["color = 'blue'"] } }
`;
const next = (text: string, request: MigrationRequest = { from: "bp1", to: "bp3", cluster: "west" }) =>
  migrate(parseSource("topology.yaml", text), request);

/** Every step from a topology to the end of the migration. */
function all(text: string, request?: MigrationRequest): Migration[] {
  const steps: Migration[] = [];
  for (let current = text; ; ) {
    const step = next(current, request);
    if (step.step === "done") return steps;
    steps.push(step);
    expect(steps.length).toBeLessThan(7);
    current = step.text;
  }
}

const objects = (plan: Plan) =>
  [...plan.clusters.keys()].flatMap((cluster) =>
    clusterManifests(plan, cluster).map(({ manifest, role }) => [
      `${cluster} ${role} ${manifest.kind} ${manifest.metadata.name}`,
      JSON.stringify(manifest),
    ]),
  );
const names = (plan: Plan) => objects(plan).map(([name]) => name);

test("the new peer does not take the addresses of the old one, nor what another cluster exposes it by", () => {
  const exposed = file
    .replace("host: bp1.example.com,", "host: bp1.example.com, address: old.example.com,")
    .replace("dial: bp1, port: { bp2: 4050 },", 'dial: bp2, address: "old.example.com:4117",');
  const [copied, repointed] = all(exposed).map(({ text }) => text);
  expect(copied).toMatch(/bp3:.*cluster: west/);
  expect(copied).not.toMatch(/bp3:.*address/);
  expect(copied).toContain('address: "old.example.com:4117"');
  expect(repointed).not.toContain("old.example.com:4117");
});

describe("a migration", () => {
  const steps = all(file);
  const plans = [file, ...steps.map(({ text }) => text)].map((text) => planText(text).plan);
  const [before, copied, repointed, confirmed, removed, tidied] = plans;

  test("goes step by step, each of which check lets pass", () => {
    expect(steps.map(({ step }) => step)).toEqual(["copy", "repoint", "confirm", "remove", "tidy"]);
  });

  test("begins with a peer like the old one that is sent everything, and changes nothing that was there", () => {
    if (!before || !copied) throw new Error("no plan");
    expect(copied.peers.get("bp3")?.settings).toMatchObject({ cluster: "west", store: { storage: "10Gi" } });
    expect(copied.peers.get("bp3")?.settings.host).toBeUndefined();
    for (const collection of ["cars", "owners"])
      expect(reachedBy(copied, "cars", "bp1", collection, { any: "document" })).toContain("bp3");
    const now = new Map(objects(copied).map(([name = "", text]) => [name, text]));
    const changed = objects(before).filter(([name = "", text]) => now.get(name) !== text);
    // The old peer trusts the new one from now on; whom it trusted before it trusts still.
    expect(changed.map(([name]) => name)).toEqual([
      "east patch BigPeer bp1",
      "west patch ConfigMap tcp-services",
      "west patch Service ingress-nginx-controller",
    ]);
  });

  test("then puts the new peer into the old one's place, which still sends on what it is written", () => {
    if (!before || !repointed) throw new Error("no plan");
    expect(repointed.replications.get("blue-cars")?.sides.map(({ peer }) => peer)).toEqual(["bp3", "bp2"]);
    expect(reachedBy(repointed, "cars", "bp1", "cars", { color: "red" })).toContain("bp3");
    expect(repointed.peers.has("bp1")).toBe(true);
  });

  test("then takes the old one's protection away, and touches no object", () => {
    if (!repointed || !confirmed) throw new Error("no plan");
    expect([repointed, confirmed].map((plan) => plan.peers.get("bp1")?.protect)).toEqual([true, false]);
    expect(objects(confirmed)).toEqual(objects(repointed));
  });

  test("and only then deletes it, with what belongs to it and nothing else", () => {
    if (!confirmed || !removed || !tidied) throw new Error("no plan");
    const gone = names(confirmed).filter((name) => !names(removed).includes(name));
    expect(gone.every((name) => /bp1|cars-to-bp3|tcp-services|ingress-nginx/.test(String(name)))).toBe(true);
    expect(removed.peers.has("bp1")).toBe(false);
    expect(tidied.confirmRemoval.size).toBe(0);
  });

  test("leaves comments, order and style of the file as they are", () => {
    const [first] = steps;
    expect(first?.text.split("\n").filter((line) => !file.includes(line.trim()))).toEqual([
      "  bp3: { cluster: west, version: 1.63.2, store: { storage: 10Gi } }",
      "  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp3, bp2], collections: [cars, owners] }",
      "  # Copies everything from bp1 until bp3 has taken its place.",
      '  cars-to-bp3: { app: cars, from: bp1, to: bp3, queries: { cars: "true", owners: "true" } }',
    ]);
    expect(steps.at(-1)?.text).toContain("# Both ways.\n");
  });

  test("is at the same step however often it is asked, and is over when it is over", () => {
    const [first] = steps;
    expect(next(file).text).toBe(first?.text);
    const end = next(steps.at(-1)?.text ?? "");
    expect(end).toMatchObject({ step: "done", changes: [], text: steps.at(-1)?.text });
  });
});

test("in development there is nothing to confirm", () => {
  const steps = all(file.replace("production", "development")).map(({ step }) => step);
  expect(steps).toEqual(["copy", "repoint", "remove"]);
});

test("a new peer that nobody can dial dials itself", () => {
  const closed = file
    .replace("west: { ingress: { host: bp.west.example.com } }", "west: { inbound: none }")
    .replace("port: { bp2: 4050 }, ", "");
  const [first] = all(closed);
  const copy = planText(first?.text ?? "").plan.replications.get("cars-to-bp3");
  expect(copy?.links).toEqual([{ initiator: "bp3", target: "bp1" }]);
});

test("a peer that is there already takes over, and what was between the two goes", () => {
  const steps = all(file, { from: "bp1", to: "bp2" });
  expect(steps[1]?.changes).toEqual(["replications.blue-cars: removed, because it was between bp1 and bp2"]);
  expect([...planText(steps.at(-1)?.text ?? "").plan.peers.keys()]).toEqual(["bp2"]);
});

describe("is refused", () => {
  const refusal = (text: string, request?: MigrationRequest) => {
    try {
      return next(text, request).step;
    } catch (error) {
      return error instanceof MigrationError ? error.message : `${error}`;
    }
  };

  test("where nothing says which collections there are", () => {
    const unknown = file.replace(", collections: [cars, owners]", "").replace(/^replications:[\s\S]*/m, "");
    expect(refusal(unknown)).toMatch(/the collections of the app "cars" are unknown/);
    expect(refusal(unknown, { from: "bp1", to: "bp3", collections: ["cars"] })).toBe("copy");
  });

  test("from a peer to itself, to a cluster that is not there, and between peers that are not there", () => {
    expect(refusal(file, { from: "bp1", to: "bp1" })).toMatch(/a peer cannot replace itself/);
    expect(refusal(file, { from: "bp1", to: "bp3", cluster: "north" })).toMatch(/no cluster "north"/);
    expect(refusal(file, { from: "bp8", to: "bp9" })).toMatch(/neither a peer "bp8"/);
  });

  test("of a topology with errors", () => {
    expect(refusal(file.replace("between: [bp1, bp2]", "between: [bp1, bp7]"))).toMatch(/unknown-reference/);
  });
});

/** A topology as a person would write it. */
function written(topology: Topology): string {
  const { operator: _, ...rest } = topology;
  return JSON.stringify(rest, (key, value) => (key === "ports" ? `${value.first}-${value.last}` : value), 2);
}

test("whatever the topology, in the end the new peer is exactly where the old one was", () => {
  fc.assert(
    fc.property(topologies, (topology) => {
      const text = written(topology);
      const request = { from: "p0", to: "zz" };
      let steps: Migration[];
      try {
        planText(text);
        steps = all(text, request);
      } catch (error) {
        // One that has errors, or gets them, is refused: that is another test's.
        return fc.pre(!(error instanceof Error && error.name === "TopologyError"));
      }
      const renamed = planText(text.replaceAll('"p0"', '"zz"')).plan;
      const { replications, peers, apps } = planText(steps.at(-1)?.text ?? "").plan;
      expect({ replications, peers, apps }).toEqual({
        replications: renamed.replications,
        peers: renamed.peers,
        apps: renamed.apps,
      });
    }),
    { numRuns: 40 },
  );
});
