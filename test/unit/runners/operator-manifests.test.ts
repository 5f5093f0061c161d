import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import {
  type OperatedStack,
  type OperatorSettings,
  operatorManifests,
  operatorObjectName,
} from "../../../runners/operator-manifests.ts";
import { planText } from "../../../topology/check.ts";
import { deployGrants } from "../../../topology/objects/access.ts";
import { accessManifests } from "../../../topology/objects/access-manifests.ts";
import { isDnsLabel } from "../../../topology/plan/names.ts";

const { plan } = planText(`
environment: development
clusters:
  east: { stack: dev-east, context: admin@east }
  west: { stack: dev-west, ingress: { host: west.example.com, ports: 4040-4139 } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications:
  cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["true"] } }
`);
const settings: OperatorSettings = {
  namespace: "runners",
  ownCluster: "east",
  source: { repository: "https://git.example.com/shop.git", branch: "main", folder: "infra" },
  image: "pulumi/pulumi:3.270.0-nonroot",
  qualifier: "acme/shop",
  backend: undefined,
  resyncSeconds: 300,
};
const east: OperatedStack = {
  ...{ name: "dev-east", clusters: ["east"], after: ["dev-west"], completedAfter: [] },
  kubeconfigConfigured: false,
};
const west: OperatedStack = { ...east, name: "dev-west", clusters: ["west"], after: [] };

function made(stack: OperatedStack, changed: Partial<OperatorSettings> = {}) {
  const all = operatorManifests(plan, stack, { ...settings, ...changed });
  const spec = z
    .looseObject({
      prerequisites: z.unknown(),
      envRefs: z.record(z.string(), z.unknown()),
      workspaceTemplate: z.looseObject({
        spec: z.looseObject({ image: z.string(), podTemplate: z.unknown().optional() }),
      }),
    })
    .partial({ prerequisites: true })
    .parse(all.objects.flatMap((each) => (each.kind === "Stack" ? [each.spec] : []))[0]);
  return { ...all, spec, kinds: all.objects.map(({ kind }) => kind) };
}

test("a stack in the operator's own cluster has exactly the Roles of bigpeer rbac, and no other right but to be asked who calls", () => {
  const subject = { kind: "ServiceAccount", namespace: "runners", name: "bigpeer-dev-east" } as const;
  const expected = accessManifests(deployGrants(plan, "east"), "bigpeer-dev-east", subject);
  const rights = made(east).objects.filter(({ kind }) => kind !== "Stack" && kind !== "ConfigMap");
  expect(rights.slice(0, -1)).toEqual(expected);
  expect(rights.at(-1)).toMatchObject({ roleRef: { name: "system:auth-delegator" }, subjects: [subject] });
});

test("its kubeconfig has the topology's context, the token that Kubernetes gives the pod, and no secret", () => {
  const { objects, spec, secrets } = made(east);
  const [map] = objects.filter((each) => each.kind === "ConfigMap");
  expect(parse(map?.data.kubeconfig ?? "")).toMatchObject({
    "current-context": "admin@east",
    users: [{ user: { tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" } }],
  });
  expect(spec.workspaceTemplate.spec.podTemplate).toMatchObject({
    spec: {
      containers: [{ name: "pulumi", env: [{ name: "KUBECONFIG", value: "/etc/bigpeer/own-cluster/kubeconfig" }] }],
    },
  });
  expect(secrets).toEqual([{ name: "bigpeer-backend", keys: ["PULUMI_ACCESS_TOKEN"] }]);
});

test("a stack of other clusters has no right in the operator's, and mounts a kubeconfig of its own", () => {
  const { objects, kinds, remote, secrets } = made(west);
  expect(kinds).toEqual(["ServiceAccount", "ClusterRoleBinding", "Stack"]);
  expect(objects[1]).toMatchObject({ roleRef: { name: "system:auth-delegator" } });
  expect(remote.map(({ name }) => name)).toEqual(["west"]);
  expect(secrets).toContainEqual({ name: "bigpeer-dev-west-kubeconfig", keys: ["kubeconfig"] });
});

test("where the stack's configuration gives a kubeconfig, none is mounted that would be in its way", () => {
  for (const stack of [east, west]) {
    const { spec, kinds, secrets } = made({ ...stack, kubeconfigConfigured: true });
    expect(spec.workspaceTemplate.spec).toEqual({ image: "pulumi/pulumi:3.270.0-nonroot" });
    expect(kinds).not.toContain("ConfigMap");
    expect(secrets.map(({ name }) => name)).toEqual(["bigpeer-backend"]);
  }
});

test("prerequisites name the Stack objects of those that come before, and a stack without any has none", () => {
  expect(made(east).spec.prerequisites).toEqual([{ name: "bigpeer-dev-west" }]);
  expect(made(west).spec).not.toHaveProperty("prerequisites");
});

test("what is pending is done by a resync, and deleting a Stack deletes no Big Peer", () => {
  expect(made(east).spec).toMatchObject({
    ...{ continueResyncOnCommitMatch: true, resyncFrequencySeconds: 300, destroyOnFinalize: false },
    ...{ stack: "acme/shop/dev-east", branch: "refs/heads/main", repoDir: "infra" },
  });
});

test("a backend of one's own is unlocked by a passphrase and not by a token of Pulumi Cloud", () => {
  const { spec, secrets } = made(west, { backend: "s3://states", qualifier: undefined });
  expect(spec).toMatchObject({ backend: "s3://states", stack: "dev-west" });
  expect(Object.keys(spec.envRefs)).toEqual(["PULUMI_CONFIG_PASSPHRASE"]);
  expect(secrets[0]?.keys).toEqual(["PULUMI_CONFIG_PASSPHRASE"]);
});

test("any stack's name makes a name that Kubernetes takes, and no two make the same one", () => {
  const names = ["dev-east", "Dev_East", "dev.east", "dev_east", `${"x".repeat(99)}a`, `${"x".repeat(99)}b`];
  const objects = names.map(operatorObjectName);
  expect(objects[0]).toBe("bigpeer-dev-east");
  expect(objects.filter((name) => !isDnsLabel(name) || name.length > 42)).toEqual([]);
  expect(new Set(objects).size).toBe(names.length);
});
