import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldPreview } from "../../../../preview/fold.ts";
import { formatPreviewMarkdown } from "../../../../preview/format.ts";
import { type StateObjects, stateObjects } from "../../../../program/state-objects.ts";
import { takeovers } from "../../../../program/takeovers.ts";
import { readWrittenKeys, writtenKeysText } from "../../../../program/written-keys.ts";
import { planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { migrate } from "../../../../topology/migration/migrate.ts";
import type { Manifest } from "../../../../topology/objects/manifests.ts";
import { type ExistingObject, existingObject } from "../../../../topology/takeover/existing-object.ts";
import {
  DeploymentValue,
  overwrittenFields,
  shownOverwritten,
} from "../../../../topology/takeover/overwritten-fields.ts";
import { writtenObjects } from "../../../../topology/takeover/written-objects.ts";

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const file = `
environment: production
operator: { release: 0.18.1 }
clusters:
  east: {}
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: east, version: 1.63.2 }
apps:
  cars: { id: ${id}, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const planOf = (text: string) => planText(text).plan;

/** An object as `kubectl create` leaves it, over what the plan would write. */
function handMade(key: string, changes: Record<string, unknown> = {}, manager = "kubectl-create"): ExistingObject {
  const written = writtenObjects(planOf(file), "east").find((object) => object.key === key);
  if (!written) throw new Error(`nothing of the plan is ${key}`);
  const [object, patch] = written.manifests;
  const live = { ...object, spec: { ...fieldsOf(object), ...fieldsOf(patch) }, ...changes };
  return liveAs(live, manager, manager.startsWith("pulumi"));
}

function liveAs(object: object, manager: string, ours: boolean): ExistingObject {
  const metadata = { ...("metadata" in object && typeof object.metadata === "object" ? object.metadata : {}) };
  const labels = {
    ...("labels" in metadata && typeof metadata.labels === "object" ? metadata.labels : {}),
    "app.kubernetes.io/managed-by": ours ? "bigpeer-topology" : "somebody",
  };
  const fieldsV1 = { "f:metadata": { "f:labels": { "f:app.kubernetes.io/managed-by": {} } } };
  const managedFields = [
    { manager: "ditto-operator", operation: "Update", subresource: "status", time: "2026-11-01T08:00:00Z" },
    { manager, operation: "Update", time: "2026-11-01T07:00:00Z", fieldsV1 },
  ];
  const found = existingObject("kind" in object ? String(object.kind) : "", {
    ...object,
    metadata: { ...metadata, labels, managedFields, creationTimestamp: "2026-11-01T07:00:00Z" },
  });
  if (!found) throw new Error("no object");
  return found;
}

function fieldsOf(manifest: Manifest | undefined): Record<string, unknown> {
  return typeof manifest?.spec === "object" && manifest.spec !== null ? { ...manifest.spec } : {};
}

const nothing = { written: new Map(), former: new Map(), ids: new Map() };
const empty: StateObjects = { objects: new Set(), ids: new Map() };
/** `<severity> <rule> <path>: <what> | <fix>` of what is found where these objects exist. */
async function found(
  text: string,
  existing: readonly ExistingObject[],
  known: Partial<Parameters<typeof takeovers>[2]> = {},
) {
  const asked: string[] = [];
  const byKey = new Map(existing.map((each) => [`${each.kind} ${each.namespace}/${each.name}`, each]));
  const findings = await takeovers(
    planOf(text),
    [{ cluster: "east", context: "east", kubeconfig: undefined }],
    { ...nothing, state: async () => empty, ...known },
    async (_, objects) => {
      asked.push(...objects.map(({ key }) => key));
      return { found: new Map([...byKey].filter(([key]) => objects.some((each) => each.key === key))), unread: [] };
    },
  );
  const texts = findings.map(
    ({ severity, rule, path, what, fix }) => `${severity} ${rule} ${path.join(".")}: ${what} | ${fix}`,
  );
  return { asked, texts };
}
const bp1 = (version: string) => handMade("BigPeer ditto/bp1", { spec: { version, auth: { providers: { sso: {} } } } });
const allKeys = writtenObjects(planOf(file), "east").map(({ key }) => key);
const everything = new Map([["east", new Set(allKeys)]]);

describe("an object that somebody else has made", () => {
  test("is refused in production, with who made it, both values, and what to write", async () => {
    const { texts } = await found(file, [bp1("1.60.0")]);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(
      /^error not-adopted peers\.bp1: BigPeer ditto\/bp1 in cluster "east" exists already, made by kubectl-create at 2026-11-01T07:00:00Z, .*spec\.version 1\.60\.0 -> 1\.63\.2/,
    );
    expect(texts[0]).toContain("write `adopt: true` in peers.bp1");
    // What only the live object has stays as it is.
    expect(texts[0]).not.toContain("providers");
  });

  test("is named also where nothing in it would change", async () => {
    const { texts } = await found(file, [handMade("BigPeer ditto/bp1")]);
    expect(texts[0]).toMatch(/^error not-adopted peers\.bp1: .*managed-by" somebody -> bigpeer-topology/);
  });

  test("is a warning in development, and where the file adopts it", async () => {
    const development = await found(file.replace("production", "development"), [bp1("1.60.0")]);
    expect(development.texts).toEqual([
      expect.stringMatching(/^warning taken-over peers\.bp1: .*1\.60\.0 -> 1\.63\.2/),
    ]);
    const adopting = await found(file.replace("bp1: {", "bp1: { adopt: true,"), [bp1("1.60.0")]);
    expect(adopting.texts).toEqual([
      expect.stringMatching(/^warning taken-over peers\.bp1\.adopt: .*as the file says, .*1\.60\.0 -> 1\.63\.2/),
    ]);
  });

  test.each([
    ["BigPeerApp ditto/cars-bp1", "apps.cars", "bp1, bp2] }", "bp1, bp2], adopt: [bp1] }"],
    ["BigPeerApp ditto/cars-bp1", "apps.cars", "bp1, bp2] }", "bp1, bp2], adopt: true }"],
    ["BigPeerReplication ditto/blue-cars-bp1", "replications.blue-cars", "between:", "adopt: [bp1], between:"],
    ["Secret ditto/bp1-trusts-bp2", "peers.bp1", "bp1: {", "bp1: { adopt: true,"],
  ])("is adopted where its entry says it: %s by %s", async (key, path, from, to) => {
    const objects = [handMade(key)];
    expect((await found(file, objects)).texts).toEqual([expect.stringMatching(`^error not-adopted ${path}:`)]);
    expect((await found(file.replace(from, to), objects)).texts).toEqual([
      expect.stringMatching(`^warning taken-over ${path}.adopt:`),
    ]);
  });

  test("is adopted on the peers that are listed, and on no other", async () => {
    const both = [handMade("BigPeerApp ditto/cars-bp1"), handMade("BigPeerApp ditto/cars-bp2")];
    const { texts } = await found(file.replace("bp1, bp2] }", "bp1, bp2], adopt: [bp1] }"), both);
    expect(texts.map((text) => text.split(":")[0])).toEqual([
      "warning taken-over apps.cars.adopt",
      "error not-adopted apps.cars",
    ]);
    expect(texts[1]).toContain("write `adopt: [bp2]` in apps.cars");
  });

  test("loses the Secrets that it trusts by hand, which is said", async () => {
    const spec = { version: "1.63.2", auth: { trustedCASecrets: [{ name: "partner-ca" }] } };
    const { texts } = await found(file, [handMade("BigPeer ditto/bp1", { spec })]);
    expect(texts[0]).toContain('spec.auth.trustedCASecrets [{"name":"partner-ca"}] -> [{"name":"bp1-trusts-bp2"}]');
  });

  test("is not given another app ID, adopted or not, unless the file allows it", async () => {
    const other = "9c0d6a4e-5f0e-4a36-9a39-0a6f2f6c1d11";
    const app = [handMade("BigPeerApp ditto/cars-bp1", { spec: { appId: other } })];
    const adopting = file.replace("bp1, bp2] }", "bp1, bp2], adopt: true }");
    for (const text of [adopting, adopting.replace(`id: ${id}, `, "")]) {
      const { texts } = await found(text, app);
      expect(texts[0]).toMatch(new RegExp(`^error not-adopted apps.cars.adopt: .*spec.appId ${other} -> `));
      expect(texts[0]).toContain(`write \`id: ${other}\` in apps.cars`);
    }
    const allowed = await found(`allowReplace: [apps.cars]\n${adopting}`, app);
    expect(allowed.texts[0]).toMatch(/^warning taken-over/);
  });

  test("cannot be a Secret of another type or one that never changes: the API server would refuse it in the middle of the update", async () => {
    const adopting = file.replace("bp1: {", "bp1: { adopt: true,");
    for (const changes of [{ type: "kubernetes.io/tls" }, { immutable: true }]) {
      const { texts } = await found(adopting, [handMade("Secret ditto/bp1-trusts-bp2", changes)]);
      expect(texts[0]).toMatch(
        /^error not-adopted .*\| it.*kubectl --context east -n ditto delete secret bp1-trusts-bp2/,
      );
    }
  });

  test("shows no value of a Secret, and no shared token", async () => {
    const secret = handMade("Secret ditto/bp1-trusts-bp2", {
      data: { "tls.crt": "cGxhbnRlZA==" },
      stringData: { a: "planted" },
    });
    expect(JSON.stringify(secret)).not.toMatch(/planted|cGxhbnRlZA/);
    const playground = file
      .replace("production", "development")
      .replace("bp1: { ", "bp1: { auth: { playground: { token: { config: t } } }, ");
    const anonymous = { sharedToken: "planted", sessionLength: 60 };
    const spec = { version: "1.63.2", auth: { providers: { __playgroundProvider: { anonymous } } } };
    const { texts } = await found(playground, [handMade("BigPeer ditto/bp1", { spec })]);
    expect(texts[0]).toMatch(/sharedToken \(secret\) -> this stack's token/);
    expect(texts[0]).not.toContain("planted");
  });
});

describe("an object that the stack has", () => {
  test("is asked about no more, and with nothing new no cluster is asked, nor the state", async () => {
    const state = () => Promise.reject(new Error("asked"));
    expect(await found(file, [bp1("1.60.0")], { written: everything, state })).toEqual({ asked: [], texts: [] });
    const without = new Map([["east", new Set(allKeys.filter((key) => key !== "BigPeer ditto/bp2"))]]);
    expect((await found(file, [], { written: without, state })).asked).toEqual(["BigPeer ditto/bp2"]);
  });

  test("is known under the former name of its cluster", async () => {
    const written = new Map([["old", new Set(allKeys)]]);
    expect((await found(file, [bp1("1.60.0")], { written, former: new Map([["east", "old"]]) })).asked).toEqual([]);
  });

  test("is known by the state after an update that broke off, and so is its generated ID", async () => {
    const urn = (type: string, name: string) =>
      `urn:pulumi:dev::bigpeer-topology::bigpeer:index:ClusterShare$${type}::${name}`;
    const metadata = { name: "bp1", namespace: "ditto" };
    const held = stateObjects({
      [urn("kubernetes:ditto.live/v1alpha1:BigPeer", "east/bp1")]: { outputs: { kind: "BigPeer", metadata } },
      [urn("kubernetes:ditto.live/v1alpha1:BigPeerPatch", "east/bp2-trust")]: {
        outputs: { kind: "BigPeer", metadata: { ...metadata, name: "bp2" } },
      },
      [urn("random:index/randomUuid:RandomUuid", "cars-id")]: { outputs: { result: id } },
    });
    expect([...held.objects]).toEqual(["east BigPeer ditto/bp1"]);
    const generated = file.replace(`id: ${id}, `, "");
    const existing = [bp1("1.60.0"), handMade("BigPeerApp ditto/cars-bp1", {}, "pulumi-kubernetes-1a2b")];
    expect((await found(generated, existing, { state: async () => held })).texts).toEqual([]);
    // In another namespace it is another object.
    const moved = file.replace("bp1: {", "bp1: { namespace: other,");
    const there = { ...bp1("1.60.0"), namespace: "other" };
    expect((await found(moved, [there], { state: async () => held })).texts).toHaveLength(1);
  });

  test("needs no `adopt` any longer", async () => {
    const adopting = file.replace("bp1: {", "bp1: { adopt: true,").replace("between:", "adopt: [bp2], between:");
    expect((await found(adopting, [], { written: everything })).texts).toEqual([
      expect.stringMatching(/^note adopted peers\.bp1\.adopt: /),
      expect.stringMatching(/^note adopted replications\.blue-cars\.adopt: /),
    ]);
    expect((await found(adopting, [])).texts).toEqual([]);
  });
});

describe("an object that this program has made, and that the state does not have", () => {
  const ours = (version: string) => handMade("BigPeer ditto/bp1", { spec: { version } }, "pulumi-kubernetes-1a2b");
  const same = handMade("BigPeer ditto/bp1", {}, "pulumi-kubernetes-1a2b");

  test("is taken up again where nothing changes: its update was killed, or the state is gone", async () => {
    expect(
      (await found(file, [same, handMade("Secret ditto/bp1-trusts-bp2", {}, "pulumi-kubernetes-3c4d")])).texts,
    ).toEqual([]);
  });

  test("may be another stack's where something changes, so that it is refused", async () => {
    const { texts } = await found(file, [ours("1.60.0")]);
    expect(texts[0]).toMatch(/^error not-adopted .*by this program, in another stack or with a state that is gone/);
    expect(texts[0]).toContain("take it out of one of the two");
  });

  test("keeps the ID under which its documents are", async () => {
    const app = handMade("BigPeerApp ditto/cars-bp1", {}, "pulumi-kubernetes-1a2b");
    const { texts } = await found(file.replace(`id: ${id}, `, ""), [app]);
    expect(texts[0]).toMatch(/^error not-adopted .*a generated ID \| write `id: 2164bef3/);
  });

  test("is taken for deployed where no state can be asked; files that a GitOps tool has applied are not", async () => {
    expect((await found(file, [ours("1.60.0")], { state: undefined })).texts).toEqual([]);
    const rendered = liveAs({ ...writtenObjects(planOf(file), "east")[0]?.manifests[0] }, "argocd-controller", false);
    expect((await found(file, [rendered], { state: undefined })).texts).toEqual([
      expect.stringMatching(/made by argocd-controller/),
    ]);
  });
});

test("a cluster whose objects cannot be looked at is a warning", async () => {
  const read = async () => ({ found: new Map(), unread: ["HTTP 403"] });
  const sources = [{ cluster: "east", context: "east", kubeconfig: undefined }];
  const findings = await takeovers(planOf(file), sources, { ...nothing, state: undefined }, read);
  expect(findings).toMatchObject([{ rule: "existing-unread", severity: "warning", path: ["clusters", "east"] }]);
});

describe("what applying an object over another one changes", () => {
  const json = fc.jsonValue({ maxDepth: 4 });

  test("is nothing where they are the same, and nothing of what only the live one has", () => {
    fc.assert(fc.property(json, (value) => overwrittenFields(value, value).length === 0));
    const members = fc.dictionary(fc.string(), json);
    fc.assert(
      fc.property(members, members, (declared, others) => {
        expect(overwrittenFields(declared, { ...others, ...declared })).toEqual([]);
      }),
    );
  });

  test("is a list as a whole, and a value that only the deployment knows unless it agrees", () => {
    expect(overwrittenFields({ a: [1], b: [] }, { a: [1, 2] })).toEqual([{ path: ["a"], before: [1, 2], after: [1] }]);
    const balancer = new DeploymentValue("port 4040 of the load balancer", (live) => String(live).endsWith(":4040"));
    expect(overwrittenFields({ a: [balancer] }, { a: ["192.0.2.7:4040"] })).toEqual([]);
    const changed = overwrittenFields({ a: [balancer] }, { a: ["192.0.2.7:4041"] });
    expect(shownOverwritten(changed, { a: [balancer] }, { a: ["192.0.2.7:4041"] })).toEqual([
      'a ["192.0.2.7:4041"] -> ["port 4040 of the load balancer"]',
    ]);
  });
});

test("a diff says which entries may be taken over, and the preview's report what is", () => {
  const side = (name: string, text: string) => ({ name, plan: planOf(text), findings: [] });
  const adopting = file
    .replace("bp1: {", "bp1: { adopt: true,")
    .replace("bp1, bp2] }", "bp1, bp2], adopt: true }")
    .replace("between:", "adopt: [bp2], between:");
  const { settings, peers, objects } = diffTopologies(side("base", file), side("head", adopting));
  expect(settings).toEqual([
    { path: "adopt", before: [], after: ["peers.bp1", "apps.cars", "replications.blue-cars on bp2"] },
  ]);
  expect([peers, objects]).toEqual([[], []]);

  const report = foldPreview({
    ...{ topology: "production", base: undefined, head: planOf(file), refreshed: true, notBegun: [] },
    stacks: [{ stack: "dev", pending: [], same: 0, steps: [], takenOver: ["peers.bp1: BigPeer ditto/bp1"] }],
  });
  expect(report.summary).toContain("1 taken over from somebody else");
  expect(formatPreviewMarkdown(report)).toMatch(/Taken over from somebody else.*dev: peers\.bp1: BigPeer ditto\/bp1/s);
});

test("a peer that is declared like one which is adopted is a new one", () => {
  const adopting = parseSource("topology.yaml", file.replace("bp1: {", "bp1: { adopt: true,"));
  const { text } = migrate(adopting, { from: "bp1", to: "bp3", collections: ["cars"] });
  expect(text).toMatch(/bp3: \{ cluster: east, version: 1\.63\.2 \}/);
});

test("what a stack has is exported as text, and read again; another release's text is nothing", () => {
  const text = writtenKeysText(
    new Map([
      ["west", new Set(["b", "a"])],
      ["east", new Set<string>()],
    ]),
  );
  expect(text).toBe('{"west":["a","b"]}');
  expect(readWrittenKeys({ objects: text })).toEqual(new Map([["west", new Set(["a", "b"])]]));
  for (const outputs of [undefined, {}, { objects: "{" }, { objects: '{"west":1}' }])
    expect(readWrittenKeys(outputs)).toEqual(new Map());
});
