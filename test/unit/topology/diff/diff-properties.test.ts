import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { losses } from "../../../../program/losses.ts";
import type { StackExports } from "../../../../program/stack-exports.ts";
import { commentLimit } from "../../../../report/markdown.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { dataFlows, flowChanges, matches, samples } from "../../../../topology/diff/data-flows.ts";
import { indexFlows } from "../../../../topology/diff/flow-index.ts";
import { formatDiffMarkdown } from "../../../../topology/diff/markdown.ts";
import {
  applyObjectChanges,
  compareObjects,
  type ObjectChange,
  plannedObjects,
} from "../../../../topology/diff/object-changes.ts";
import { topologyDiffSchema } from "../../../../topology/diff/schema.ts";
import { type Finding, formatPath } from "../../../../topology/findings/finding.ts";
import { objectKey } from "../../../../topology/objects/object-reference.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { reachesOf } from "../../../../topology/plan/renamed-clusters.ts";
import { variedPairs, variedTopologies } from "../../../support/varied-topology.ts";

const plans = variedPairs.map(([before, after]): [Plan, Plan] => [planTopology(before), planTopology(after)]);

const diffOf = (base: Plan, head: Plan) =>
  diffTopologies({ name: "base", plan: base, findings: [] }, { name: "head", plan: head, findings: [] });

/** For each stack of a base: the clusters that it has, and those that it will own. */
function shares(before: Plan, head: Plan): [ReadonlySet<string>, ReadonlySet<string>][] {
  return [...new Set([...before.clusters.values()].map(({ stack }) => stack))].map((stack) => {
    const has = [...before.clusters.values()].filter((cluster) => cluster.stack === stack);
    const owns = [...head.clusters.values()].filter(
      (cluster) => stack === undefined || cluster.stack === undefined || cluster.stack === stack,
    );
    return [new Set(has.map(({ name }) => name)), new Set(owns.map(({ name }) => name))];
  });
}

/** What a stack says after an update from a plan. IDs that it has generated are known to it alone. */
function exportedBy(plan: Plan, clusters: ReadonlySet<string>): StackExports {
  const peers = [...plan.peers.values()].filter(({ cluster }) => clusters.has(cluster));
  const apps = [...plan.apps.values()].filter(({ objects }) => objects.some(({ cluster }) => clusters.has(cluster)));
  return {
    contract: 1,
    peers: Object.fromEntries(
      peers.map(({ name, apiAddress, cluster, settings }) => {
        const storage = settings.store?.storage;
        return [name, { caCertificate: "", api: apiAddress, cluster, ...(storage === undefined ? {} : { storage }) }];
      }),
    ),
    clusters: Object.fromEntries(reachesOf(plan)),
    replications: {},
    exposures: {},
    apps: Object.fromEntries(apps.flatMap(({ name, id }) => (id === undefined ? [] : [[name, { id }]]))),
    trusted: {},
    dialled: {},
  };
}

describe("for any two topologies", () => {
  test("the changes of the diff, applied to the base's objects, give the head's objects", () => {
    fc.assert(
      fc.property(plans, ([before, after]) => {
        const base = plannedObjects(before);
        const head = plannedObjects(after);
        const expected = new Map(head.map(({ ref, manifest }) => [objectKey(ref), manifest]));
        expect(applyObjectChanges(base, compareObjects(base, head))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("the report names exactly these changes", () => {
    fc.assert(
      fc.property(plans, ([before, after]) => {
        const changes = compareObjects(plannedObjects(before), plannedObjects(after));
        const diff = diffOf(before, after);
        const told = diff.objects.map(({ action, role, ...at }) => `${action} ${objectKey({ ...at, role })}`);
        expect(told).toEqual(changes.map(({ action, ref }) => `${action} ${objectKey(ref)}`));
        expect(topologyDiffSchema.parse(JSON.parse(JSON.stringify(diff)))).toEqual(diff);
        expect(formatDiffMarkdown(diff).length).toBeLessThanOrEqual(commentLimit);
      }),
    );
  });

  test("the way back creates what was deleted, deletes what was created, and changes the same", () => {
    const opposite = { create: "delete", delete: "create", change: "change", replace: "replace" } as const;
    fc.assert(
      fc.property(plans, ([before, after]) => {
        const [base, head] = [plannedObjects(before), plannedObjects(after)];
        const there = compareObjects(base, head).map(({ action, ref }) => ({ action: opposite[action], ref }));
        const back = compareObjects(head, base);
        const text = (list: readonly Pick<ObjectChange, "action" | "ref">[]) =>
          list.filter(({ action }) => action !== "replace").map(({ action, ref }) => `${action} ${objectKey(ref)}`);
        expect(text(back).sort()).toEqual(text(there).sort());
      }),
    );
  });

  test("every object is named once, and a replaced one keeps its kind and name", () => {
    fc.assert(
      fc.property(plans, ([before, after]) => {
        const changes = compareObjects(plannedObjects(before), plannedObjects(after));
        const touched = changes.flatMap((change) =>
          change.action === "replace" ? [objectKey(change.ref), objectKey(change.from)] : [objectKey(change.ref)],
        );
        expect(new Set(touched).size).toBe(touched.length);
        for (const change of changes) {
          if (change.action !== "replace") continue;
          expect([change.from.kind, change.from.name]).toEqual([change.ref.kind, change.ref.name]);
        }
      }),
    );
  });

  test("the changes of the data flows, applied to the base's flows, give the head's flows", () => {
    const text = (plan: Plan) =>
      [...dataFlows(plan)].map(([key, { predicates }]) => `${key}: ${[...predicates].sort().join()}`).sort();
    fc.assert(
      fc.property(plans, ([base, head]) => {
        const flows = new Map([...dataFlows(base)].map(([key, { predicates }]) => [key, predicates]));
        for (const { app, collection, from, to, before, after } of flowChanges(base, head)) {
          const key = [app, collection, from, to].join("/");
          expect(flows.get(key) ?? []).toEqual(before);
          if (after.length === 0) flows.delete(key);
          else flows.set(key, after);
        }
        const given = [...flows].map(([key, predicates]) => `${key}: ${[...predicates].sort().join()}`).sort();
        expect(given).toEqual(text(head));
      }),
    );
  });

  test("an interrupted connection was there before and is there after", () => {
    const linked = ({ replications }: Plan) =>
      new Set(
        [...replications.values()].flatMap(({ links }) =>
          links.map(({ initiator, target }) => [initiator, target].sort().join()),
        ),
      );
    fc.assert(
      fc.property(plans, ([base, head]) => {
        for (const { peers } of diffOf(base, head).interruptions) {
          const pair = [...peers].sort().join();
          expect([linked(base).has(pair), linked(head).has(pair)]).toEqual([true, true]);
        }
      }),
    );
  });

  test("what an update refuses by what the stack has exported, the diff refuses in the same words", () => {
    const rules = new Set<string>();
    const told = ({ rule, path, what, fix }: Finding) => [rule, formatPath(path), what, fix].join("\n");
    fc.assert(
      fc.property(plans, ([before, head]) => {
        const refused = diffOf(before, head).refused.map(({ rule, path, what, fix }) =>
          [rule, path, what, fix].join("\n"),
        );
        for (const [clusters, owned] of shares(before, head)) {
          for (const finding of losses(head, owned, exportedBy(before, clusters))) {
            rules.add(finding.rule);
            expect(refused).toContain(told(finding));
          }
        }
      }),
      { numRuns: 500, seed: 1 },
    );
    // Always the same topologies, since a rule may well be missing among random ones.
    expect([...rules].sort()).toEqual(["app-removed", "app-replaced", "peer-removed", "peer-replaced"]);
  });

  test("what is allowed in production and protected by nothing is refused by no diff", () => {
    fc.assert(
      fc.property(plans, ([before, after]) => {
        const free = (plan: Plan): Plan => ({ ...plan, environment: "development" });
        const unprotected = {
          ...free(before),
          peers: new Map([...before.peers].map(([name, peer]) => [name, { ...peer, protect: false }])),
          apps: new Map([...before.apps].map(([name, app]) => [name, { ...app, protect: false }])),
        };
        // A port that moves is no loss: it is refused wherever it moves.
        const lost = diffOf(unprotected, free(after)).refused.filter(({ rule }) => !rule.startsWith("port-"));
        expect(lost).toEqual([]);
      }),
    );
  });

  test("they differ in every way that there is", () => {
    const seen = new Set<string>();
    for (const [before, after] of fc.sample(plans, { numRuns: 1_000, seed: 1 }))
      for (const { action, ref } of compareObjects(plannedObjects(before), plannedObjects(after)))
        seen.add(`${action} ${ref.role} ${ref.kind}`);
    const actions = ["create", "change", "replace", "delete"];
    const expected = [
      ...actions.flatMap((action) =>
        ["BigPeer", "BigPeerApp", "BigPeerReplication"].map((kind) => `${action} object ${kind}`),
      ),
      ...["create", "replace", "delete"].map((action) => `${action} object Secret`),
      ...["create", "change", "delete"].flatMap((action) => [`${action} patch ConfigMap`, `${action} patch Service`]),
      ...actions.map((action) => `${action} patch BigPeer`),
    ];
    expect([...seen]).toEqual(expect.arrayContaining(expected));
  });
});

test("a topology does not differ from itself", () => {
  fc.assert(
    fc.property(variedTopologies, (topology) => {
      const { version, base, head, summary, arrivalsComplete, findings, ...lists } = diffOf(
        planTopology(topology),
        planTopology(topology),
      );
      expect(Object.entries(lists).filter(([, list]) => list.length > 0)).toEqual([]);
      expect(summary).toBe("The topology does not change.");
    }),
  );
});

test("whatever a document holds, it is put to every query that it matches", () => {
  const queries = [
    "color = 'blue'",
    "color IN ('blue', 'red') AND size = 2",
    "'blue' = color",
    "size = 2 OR color = 'red'",
    "owner.name = 'a' AND color != 'red'",
    "NOT color = 'blue'",
    "size > 1",
    "true",
  ];
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(fc.constantFrom(...queries), { minLength: 1 }), { maxLength: 6 }), (lists) => {
      const flows = lists.map((predicates, index) => {
        return { app: "a", collection: "c", from: `p${index}`, to: "q", predicates, replications: [] };
      });
      const index = indexFlows(flows);
      for (const document of [...queries.flatMap(samples), { color: "red", size: 2, owner: { name: "a" } }]) {
        const candidates = new Set(index.candidates(document));
        for (const flow of flows) if (matches(flow.predicates, document)) expect(candidates).toContain(flow);
      }
    }),
  );
});
