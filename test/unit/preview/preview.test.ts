import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathOf, StepCollector } from "../../../engine/engine-steps.ts";
import { foldPreview, isUnexplained } from "../../../preview/fold.ts";
import { formatPreviewMarkdown, formatPreviewText } from "../../../preview/format.ts";
import { previewReportSchema } from "../../../preview/schema.ts";
import { commentLimit } from "../../../report/markdown.ts";
import { planText } from "../../../topology/check.ts";
import { fieldChanges } from "../../../topology/diff/object-changes.ts";
import type { Plan } from "../../../topology/plan/plan.ts";
import { planTopology } from "../../../topology/plan/plan-topology.ts";
import {
  type EngineResource,
  eventsBetween,
  maskedSecret,
  preEvent,
  refreshEvent,
  resourcesOf,
  unknownValue,
} from "../../support/engine-events.ts";
import { topologies } from "../../support/random-topology.ts";

const same = (text: string) => text;
const plainColours = { bold: same, green: same, red: same, yellow: same };

const text = `
environment: development
clusters:
  east: { namespace: ditto }
peers:
  bp1: { cluster: east, version: 1.63.2, auth: { playground: {} } }
  bp2: { cluster: east, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2] }
replications:
  blue: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'blue'"] } }
`;
const { plan } = planText(text);
const narrowed = planText(text.replace("color = 'blue'", "color = 'navy'")).plan;

function previewed(events: readonly unknown[], head: Plan | undefined = plan, base?: Plan) {
  const collector = new StepCollector();
  for (const event of events) collector.add(event);
  const report = foldPreview({
    topology: "dev",
    base: base && { name: "main", plan: base },
    head,
    refreshed: false,
    stacks: [{ stack: "dev", pending: [], same: 0, steps: collector.steps }],
    notBegun: [],
  });
  expect(previewReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  return report;
}

/** The one object of a plan with this name in the program. */
function resource(of: Plan, kind: string, name: string): EngineResource {
  const found = [...resourcesOf(of).values()].find(
    (each) => each.type.endsWith(`:${kind}`) && each.name === `east-ditto-${name}`,
  );
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

const spec = (inputs: unknown, change: object) => {
  if (typeof inputs !== "object" || inputs === null || !("spec" in inputs)) throw new Error("there is no spec");
  return { ...inputs, spec: { ...Object(inputs.spec), ...change } };
};

describe("a step", () => {
  test("of a change of the topology names the entry that asks for it", () => {
    const { steps, summary } = previewed(eventsBetween(resourcesOf(plan), resourcesOf(narrowed)), narrowed);
    expect(steps).toMatchObject([
      {
        action: "update",
        kind: "BigPeerReplication",
        name: "blue-bp2",
        cluster: "east",
        source: "replications.blue",
        cause: "topology",
        fields: [{ path: "spec.queriesByCollection.cars", before: ["color = 'blue'"], after: ["color = 'navy'"] }],
      },
    ]);
    expect(summary).toBe("1 stack: 1 to update.");
  });

  test("that puts back what somebody has changed in the cluster is drift, before what the topology changes", () => {
    const object = resource(plan, "BigPeer", "bp2");
    const live = spec(object.inputs, { version: "1.0.0" });
    const events = eventsBetween(resourcesOf(plan), resourcesOf(narrowed));
    const { steps, summary } = previewed(
      [...events, refreshEvent(object, object.inputs, live), preEvent("update", object, { old: live })],
      narrowed,
    );
    expect(steps.map(({ name, cause }) => [name, cause])).toEqual([
      ["bp2", "drift"],
      ["blue-bp2", "topology"],
    ]);
    expect(steps[0]?.fields).toMatchObject([
      { path: "spec.version", before: "1.0.0", after: "1.63.2", cause: "drift" },
    ]);
    expect(summary).toBe("1 stack: 2 to update; 1 not explained by the topology (1 drifted).");
  });

  test("is drift, too, where the topology changes the field that somebody has changed", () => {
    const before = resource(plan, "BigPeerReplication", "blue-bp2");
    const after = resource(narrowed, "BigPeerReplication", "blue-bp2");
    const live = spec(before.inputs, { queriesByCollection: { cars: ["true"] } });
    const { steps } = previewed(
      [refreshEvent(after, before.inputs, live), preEvent("update", after, { old: live })],
      narrowed,
    );
    expect(steps).toMatchObject([{ cause: "drift", fields: [{ before: ["true"], after: ["color = 'navy'"] }] }]);
  });

  test("that makes an object again which somebody has deleted is drift", () => {
    const object = resource(plan, "BigPeer", "bp2");
    const { steps } = previewed([refreshEvent(object, object.inputs, undefined), preEvent("create", object)]);
    expect(steps).toMatchObject([{ action: "create", cause: "drift" }]);
  });

  test("that the base asks for, too, has not been deployed before", () => {
    const events = eventsBetween(resourcesOf(plan), resourcesOf(narrowed));
    expect(previewed(events, narrowed, narrowed).steps).toMatchObject([{ cause: "undeployed" }]);
    expect(previewed(events, narrowed, plan).steps).toMatchObject([{ cause: "topology" }]);
    const created = [preEvent("create", resource(plan, "BigPeer", "bp2"))];
    expect(previewed(created, plan, plan).steps).toMatchObject([{ cause: "undeployed" }]);
  });

  test("in a cluster that is called otherwise by now is compared with what the base says of that cluster", () => {
    const named = (text: string) => text.replace("  east:", "  north:").replaceAll("cluster: east", "cluster: north");
    const north = (text: string) => planText(named(text).replace("north: {", "north: { context: east,")).plan;
    const head = north(text.replace("color = 'blue'", "color = 'navy'"));
    const after = [...resourcesOf(head).values()].find(({ name }) => name.endsWith("blue-bp2"));
    const events = after
      ? [preEvent("update", after, { old: resource(plan, "BigPeerReplication", "blue-bp2").inputs })]
      : [];
    expect(previewed(events, head, plan).steps).toMatchObject([{ cluster: "north", cause: "topology" }]);
    expect(previewed(events, head, narrowed).steps).toMatchObject([{ cluster: "north", cause: "undeployed" }]);
  });

  test("that no field of the topology asks for is a side effect", () => {
    const object = resource(plan, "BigPeer", "bp2");
    const defaulted = { ...object, inputs: spec(object.inputs, { podManagementPolicy: "Parallel" }) };
    const { steps: updated } = previewed([preEvent("update", defaulted, { old: object.inputs })]);
    expect(updated).toMatchObject([{ cause: "engine", fields: [{ path: "spec.podManagementPolicy" }] }]);
    const { inputs, ...deleted } = object;
    const { steps } = previewed([preEvent("delete", deleted, { old: inputs })]);
    expect(steps).toMatchObject([{ action: "delete", cause: "engine", source: "peers.bp2" }]);
    expect(formatPreviewText(previewed([preEvent("delete", deleted, { old: inputs })]), plainColours)).toMatch(
      /why: a side effect: peers\.bp2 still asks for it/,
    );
  });

  test.each([
    [["create-replacement", "replace", "delete-replaced"]],
    [["delete-replaced", "replace", "create-replacement"]],
  ])("that replaces is one, of which the engine makes %j", (ops) => {
    const object = resource(plan, "BigPeer", "bp2");
    const old = spec(object.inputs, { version: "1.0.0" });
    const events = ops.map((op) => preEvent(op, object, { old, detailedDiff: { "spec.version": {} } }));
    const { steps, summary } = previewed(events);
    expect(steps).toMatchObject([{ action: "replace", fields: [{ path: "spec.version" }] }]);
    expect(summary).toMatch(/1 to replace/);
  });

  test("on a patch says that only our fields of another's object change", () => {
    const patch = resource(plan, "BigPeerPatch", "bp1");
    const { inputs, ...gone } = patch;
    const trust = [preEvent("create", patch), preEvent("delete", { ...gone, name: "bp9-trust" }, { old: inputs })];
    const shown = formatPreviewText(previewed(trust), plainColours);
    expect(shown).toContain("add fields to BigPeer ditto/bp1 in east");
    expect(shown).toContain("remove our fields from BigPeer ditto/bp1 in east");
  });

  test("of a patch that waits for its peer is known by its name in the program", () => {
    const patch = resource(plan, "BigPeerPatch", "bp1");
    const waiting = { ...Object(patch.inputs), metadata: { name: unknownValue, namespace: "ditto" } };
    const { steps } = previewed([preEvent("create", { ...patch, name: "bp1-trust", inputs: waiting })]);
    expect(steps).toMatchObject([
      { name: "bp1-trust", cause: "topology", source: "peers.bp1", unknown: ["metadata.name"] },
    ]);
  });

  test("is none for components, the stack, and providers of no cluster", () => {
    const unseen = [
      { type: "pulumi:pulumi:Stack", name: "bigpeer-topology-dev" },
      { type: "pulumi:providers:random", name: "default_4_21_2" },
      { type: "bigpeer:index:BigPeer", name: "bp1" },
    ];
    expect(previewed(unseen.map((each) => preEvent("create", each))).steps).toEqual([]);
    const cluster = {
      type: "pulumi:providers:kubernetes",
      name: "east",
      inputs: { context: "east", namespace: "ditto" },
    };
    expect(previewed([preEvent("create", cluster)]).steps).toMatchObject([
      { part: "clusters", name: "east", cause: "topology", source: "clusters.east" },
    ]);
  });
});

describe("a secret", () => {
  test("that changes is said to change, and shown on neither side", () => {
    const object = resource(plan, "BigPeer", "bp1");
    const path = "spec.auth.providers.__playgroundProvider.anonymous.sharedToken";
    const { steps } = previewed([
      preEvent("update", object, { old: object.inputs, detailedDiff: { [path]: { diffKind: "update" } } }),
    ]);
    expect(steps).toMatchObject([
      { cause: "value", fields: [{ path, before: "(secret)", after: "(secret)", cause: "value" }] },
    ]);
  });

  test("is masked wherever it stands, also where the engine takes it for none", () => {
    const object = resource(plan, "BigPeer", "bp2");
    const old = spec(object.inputs, {
      list: [{ deep: maskedSecret }],
      env: [{ name: "API_TOKEN", value: "hunter2" }],
      sharedToken: "hunter2",
      url: "https://me:hunter2@example.com",
    });
    const report = previewed([preEvent("update", object, { old })]);
    expect(JSON.stringify(report)).not.toMatch(/hunter2|1b47061264138c4ac30d75fd1eb44270/);
    expect(report.steps[0]?.fields.map(({ before }) => before)).toContainEqual([{ deep: "(secret)" }]);
  });

  test("in the content of a kubeconfig is masked; the path of one is shown", () => {
    const cluster = (kubeconfig: unknown) => ({ context: "east", namespace: "ditto", kubeconfig });
    const provider = { type: "pulumi:providers:kubernetes", name: "east" };
    const fields = (before: unknown, after: unknown) =>
      previewed([
        preEvent(
          "update",
          { ...provider, inputs: cluster(after) },
          { old: cluster(before), detailedDiff: { kubeconfig: {} } },
        ),
      ]).steps[0]?.fields;
    expect(fields("~/.kube/old", "apiVersion: v1\nusers: [hunter2]")).toMatchObject([
      { before: "~/.kube/old", after: "(secret)" },
    ]);
    expect(fields('{"users":["hunter2"]}', maskedSecret)).toMatchObject([{ before: "(secret)", after: "(secret)" }]);
  });
});

test("a value that only the update finds out is said as such, with its path", () => {
  const object = resource(plan, "BigPeerApp", "cars-bp1");
  const inputs = { ...spec(object.inputs, { appId: unknownValue, list: [`id ${unknownValue}`] }), "a.b": unknownValue };
  const { steps } = previewed([preEvent("create", { ...object, inputs })]);
  expect(steps[0]?.unknown).toEqual(["spec.appId", "spec.list[0]", '["a.b"]']);
  expect(steps[0]?.cause).toBe("topology");
});

test("a property path of the engine ends at the first list, which is one value", () => {
  expect(pathOf('metadata.annotations["pulumi.com/waitFor"]')).toEqual([
    "metadata",
    "annotations",
    "pulumi.com/waitFor",
  ]);
  expect(pathOf('data["a\\"b"].c')).toEqual(["data", 'a"b', "c"]);
  expect(pathOf("spec.ports[2].name")).toEqual(["spec", "ports"]);
});

test("a stack that cannot be previewed is named in the summary and shown with the reason", () => {
  const report = foldPreview({
    topology: "dev",
    base: undefined,
    head: plan,
    refreshed: true,
    stacks: [
      { stack: "east", error: "no credentials\nlog in first", pending: [], same: 0, steps: [] },
      { stack: "west", pending: ["trust of bp1: dev-east is missing"], same: 4, steps: [] },
    ],
    notBegun: ["north"],
  });
  expect(report.summary).toBe("3 stacks: nothing would change; east failed; north not started; 1 pending.");
  expect(formatPreviewText(report, plainColours)).toMatch(
    /Not started: 1 stack\n {4}north: another stack had failed; `--keep-/,
  );
  expect(formatPreviewMarkdown(report)).toContain("Not started: 1 stack");
  expect(previewReportSchema.parse(report).notBegun).toEqual(["north"]);
  expect(formatPreviewText(report, plainColours)).toMatch(
    /Failed: 1 stack\n {2}- east: no credentials\n {4} {2}log in first/,
  );
});

test("steps that do the same in several clusters are one line, whichever stacks they are of, and so is what several wait for", () => {
  const names = ["east", "west", "north", "south"];
  const upgraded = (version: string) =>
    planText(`
environment: development
clusters: { ${names.map((name) => `${name}: { stack: dev-${name}, inbound: none }`).join(", ")} }
peers: { ${names.map((name) => `${name}-peer: { cluster: ${name}, version: ${version} }`).join(", ")} }
`).plan;
  const events = eventsBetween(resourcesOf(upgraded("1.63.2")), resourcesOf(upgraded("1.64.0")));
  const stacks = names.map((name) => {
    const collector = new StepCollector();
    for (const event of events) if (JSON.stringify(event).includes(`-${name}"`)) collector.add(event);
    return { stack: `dev-${name}`, pending: ["trust of hub: it is not deployed"], same: 0, steps: collector.steps };
  });
  const report = foldPreview({
    ...{ topology: "dev", base: undefined, head: upgraded("1.64.0"), refreshed: false, notBegun: [] },
    stacks,
  });
  const shown = formatPreviewText(report, plainColours);
  expect(shown).toContain("in 4 clusters: 4 steps");
  expect(shown).toContain(
    "update 4 BigPeers: ditto/east-peer in east, ditto/west-peer in west, ditto/north-peer in north, ditto/south-peer in south (stacks dev-east, dev-west, dev-north, dev-south)",
  );
  expect(shown.match(/update .*BigPeer/g)).toHaveLength(1);
  expect(shown).toContain("dev-east, dev-west, dev-north, dev-south: trust of hub: it is not deployed");
});

test("a base that is not there is said, in a comment and on a terminal", () => {
  const stacks = [{ stack: "dev", pending: [], same: 0, steps: [] }];
  const of = (missing: boolean) =>
    foldPreview({
      topology: "dev",
      base: { name: "main:new_one.yaml", plan, missing },
      head: plan,
      refreshed: true,
      stacks,
      notBegun: [],
    });
  const said = "The base lacks the file, so the whole topology is treated as new: main:new";
  expect(previewReportSchema.parse(JSON.parse(JSON.stringify(of(true)))).baseMissing).toBe(true);
  expect(formatPreviewText(of(true), plainColours)).toContain(`${said}_one.yaml.`);
  expect(formatPreviewMarkdown(of(true))).toContain(`${said}\\_one.yaml.`);
  expect(formatPreviewText(of(false), plainColours)).not.toContain("lacks the file");
});

describe("the comment", () => {
  const many = resourcesOf(
    planText(
      text.replace(
        /^ {2}blue: .*$/m,
        Array.from(
          { length: 900 },
          (_, n) =>
            `  r${n}: { app: cars, from: bp1, to: bp2, queries: { c${n}: ["color = '@everyone </details> \`\`\`'"] } }`,
        ).join("\n"),
      ),
    ).plan,
  );

  test("is within the limit however much would change, with what the topology does not explain in sight", () => {
    const report = previewed(
      [
        ...eventsBetween(new Map(), many),
        preEvent("create", { type: "kubernetes:v1:Secret", name: "odd", cluster: "east" }),
      ],
      planText(text).plan,
    );
    const markdown = formatPreviewMarkdown(report);
    expect(markdown.length).toBeLessThanOrEqual(commentLimit);
    expect(markdown.split("\n")[2]).toMatch(/^\*\*Preview of 1 stack: \d+ to create; /);
    expect(markdown.indexOf("a side effect")).toBeLessThan(markdown.indexOf("<details>"));
    expect(formatPreviewMarkdown(report, { limit: 400 }).length).toBeLessThanOrEqual(400);
  });

  test("mentions nobody, and no value breaks out of its block", () => {
    const object = resource(plan, "BigPeer", "bp2");
    const evil = "@everyone\n```\n</details><script>";
    const old = spec(object.inputs, { note: evil });
    const inputs = { apiVersion: "v1", kind: "Secret", metadata: { namespace: "ditto", name: evil } };
    const odd = preEvent("create", { type: "kubernetes:core/v1:Secret", name: "odd", cluster: "east", inputs });
    const markdown = formatPreviewMarkdown(previewed([preEvent("update", object, { old }), odd]));
    const [outside = ""] = markdown.split("<details>");
    expect(outside).toContain("create Secret ditto/");
    expect(outside).not.toMatch(/@everyone|<script>/);
    expect(markdown).toMatch(/^````diff$/m);
    const blocks = markdown.split("<details>").length - 1;
    expect(markdown.match(/^````(diff)?$/gm)).toHaveLength(2 * blocks);
  });
});

describe("for any two topologies", () => {
  const resources = (of: Plan) => resourcesOf(of);

  test("the topology explains every step of an engine that does what they differ in", () => {
    fc.assert(
      fc.property(topologies, topologies, fc.boolean(), (before, after, withBase) => {
        const [base, head] = [planTopology(before), planTopology(after)];
        const events = eventsBetween(resources(base), resources(head));
        const { steps } = previewed(events, head, withBase ? base : undefined);
        expect(steps.filter(isUnexplained)).toEqual([]);
        const changed = events.filter((event) => !JSON.stringify(event).includes('"op":"same"'));
        expect(steps).toHaveLength(changed.length);
      }),
      { numRuns: 100 },
    );
  });

  test("the report is the same in whatever order the engine takes the steps", () => {
    fc.assert(
      fc.property(topologies, topologies, (before, after) => {
        const [base, head] = [planTopology(before), planTopology(after)];
        const events = eventsBetween(resources(base), resources(head));
        expect(previewed(events.toReversed(), head)).toEqual(previewed(events, head));
      }),
      { numRuns: 100 },
    );
  });

  test("an object that somebody has edited is the first step, and the only one that drifted", () => {
    fc.assert(
      fc.property(topologies, topologies, fc.nat(), (before, after, pick) => {
        const [base, head] = [planTopology(before), planTopology(after)];
        const [was, will] = [resources(base), resources(head)];
        const kept = [...will].filter(([key]) => was.has(key));
        const [key, edited] = kept[pick % Math.max(1, kept.length)] ?? [];
        if (key === undefined || edited === undefined) return;
        const last = was.get(key)?.inputs;
        const live = { ...Object(last), metadata: { ...Object(edited.inputs).metadata, labels: { by: "hand" } } };
        was.set(key, { ...edited, inputs: live });
        const events = [refreshEvent(edited, last, live), ...eventsBetween(was, will)];
        const { steps } = previewed(events, head);
        expect(steps.filter(({ cause }) => cause === "drift")).toHaveLength(1);
        expect(steps[0]).toMatchObject({ cause: "drift", cluster: edited.cluster });
        expect(steps.slice(1).filter(isUnexplained)).toEqual([]);
        expect(fieldChanges(live, edited.inputs).length).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });
});
