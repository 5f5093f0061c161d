import { describe, expect, test } from "vitest";
import type { z } from "zod";
import {
  type CompanyPolicy,
  formatViolation,
  type JudgedResource,
  settingsOf,
  type Violation,
} from "../../../policy/company-policy.ts";
import { loadBalancerAllowList } from "../../../policy/load-balancer-allow-list.ts";
import { noPlaygroundAuth } from "../../../policy/no-playground-auth.ts";
import { protectedFromDeletion } from "../../../policy/protected-from-deletion.ts";
import { versionsPinned } from "../../../policy/versions-pinned.ts";
import { appManifest, bigPeerManifest } from "../../../topology/objects/manifests.ts";
import { loadBalancerManifest } from "../../../topology/objects/service-manifests.ts";
import { trustPatchManifest } from "../../../topology/objects/trust-manifests.ts";
import { defaultOperator, operatorSchema } from "../../../topology/operator/contract.ts";

const permissions = { read: "everything", write: "everything" } as const;
const playground = { settings: { playground: { permissions } }, token: "very-secret" };

function bigPeer(
  settings: Parameters<typeof bigPeerManifest>[1]["settings"] = { version: "1.63.2" },
  more: { auth?: typeof playground; protect?: boolean; stack?: string; operator?: typeof defaultOperator } = {},
): JudgedResource {
  const { auth, protect = true, stack = "prod", operator = defaultOperator } = more;
  const object = { name: "bp1", namespace: "ditto", readyTimeout: 900, settings, auth };
  return resource("kubernetes:ditto.live/v1alpha1:BigPeer", bigPeerManifest(operator, object), { protect, stack });
}

function resource(
  type: string,
  properties: Readonly<Record<string, unknown>>,
  { protect = false, stack = "prod" }: { protect?: boolean; stack?: string } = {},
): JudgedResource {
  return { type, urn: `urn:pulumi:${stack}::bigpeer-topology::${type}::x`, name: "x", properties, protect };
}

function judge<Settings extends z.ZodObject>(
  policy: CompanyPolicy<Settings>,
  judged: JudgedResource,
  settings: z.input<Settings> | Record<string, never> = {},
): readonly Violation[] {
  return policy.judge(judged, policy.settings.parse(settings));
}

describe("no-playground-auth", () => {
  test("finds a playground of a Big Peer and of an app, and never shows its token", () => {
    const app = appManifest(defaultOperator, {
      name: "cars-bp1",
      namespace: "ditto",
      peer: "bp1",
      id: "1",
      auth: playground,
    });
    for (const judged of [bigPeer({ version: "1.63.2" }, { auth: playground }), resource("any", app)]) {
      const [violation, ...others] = judge(noPlaygroundAuth, judged);
      expect(violation?.what).toMatch(/^spec\.auth\.providers\.__playgroundProvider accepts everybody who/);
      expect(violation && formatViolation(violation)).not.toContain("very-secret");
      expect(others).toEqual([]);
    }
  });

  test("finds anonymous access by any name, also where another contract puts it", () => {
    const operator = operatorSchema.parse({
      group: "example.com",
      kinds: { bigPeer: "Peer" },
      fields: { bigPeer: { authProviders: "spec.signIn" } },
    });
    const judged = resource("kubernetes:example.com/v1:Peer", {
      apiVersion: "example.com/v1",
      kind: "Peer",
      spec: { signIn: { guests: { anonymous: {} }, staff: { webhookUrl: "https://auth.example.com" } } },
    });
    expect(judge(noPlaygroundAuth, judged, { operator }).map(({ what }) => what)).toEqual([
      expect.stringMatching(/^spec\.signIn\.guests /),
    ]);
    expect(judge(noPlaygroundAuth, judged)).toEqual([]);
  });

  test("allows webhooks, and a playground on development stacks", () => {
    const webhook = { settings: { webhooks: { staff: { url: "https://auth.example.com" } } } };
    const object = { name: "bp1", namespace: "ditto", readyTimeout: 1, settings: { version: "1.63.2" }, auth: webhook };
    expect(judge(noPlaygroundAuth, resource("any", bigPeerManifest(defaultOperator, object)))).toEqual([]);
    const on = (stack: string) =>
      judge(noPlaygroundAuth, bigPeer({ version: "1.63.2" }, { auth: playground, stack }), {
        developmentStacks: ["dev-*", "test.1"],
      }).length;
    expect(["dev-east", "test.1", "dev", "my-dev-east", "testx1"].map(on)).toEqual([0, 0, 1, 1, 1]);
  });
});

describe("versions-pinned", () => {
  test.each([
    [undefined, "is not set"],
    ["latest", 'is "latest", which is not one version'],
    ["1.63", 'is "1.63", which is not one version'],
    ["^1.63.2", 'is "^1.63.2", which is not one version'],
    ["1.63.2", undefined],
  ])("version %j: %s", (version, said) => {
    const violations = judge(versionsPinned, bigPeer({ version })).map(({ what }) => what);
    expect(violations).toEqual(said === undefined ? [] : [`spec.version ${said}`]);
  });

  test("holds versions to the approved range", () => {
    const within = (range: string) => judge(versionsPinned, bigPeer(), { range }).length;
    expect([">=1.63.0 <2", "1.63.2", ">=1.64.0", "<1.63.2"].map(within)).toEqual([0, 0, 1, 1]);
    expect(versionsPinned.settings.safeParse({ range: "one point six" }).success).toBe(false);
  });

  test("finds image tags that move, at any depth, and trusts versions and digests", () => {
    const image = {
      repository: "registry.example.com:5000/ditto/big-peer",
      tag: "latest",
      sidecar: {
        image: "quay.io/x/y:stable",
        other: "quay.io/x/y:1.2.3",
        pinned: "quay.io/x/y@sha256:abc",
        pullPolicy: "Always",
      },
    };
    expect(judge(versionsPinned, bigPeer({ version: "1.63.2", image })).map(({ what }) => what)).toEqual([
      'spec.image.tag is "latest", a tag that moves',
      'spec.image.sidecar.image is "quay.io/x/y:stable", a tag that moves',
    ]);
  });
});

describe("protected-from-deletion", () => {
  test("finds a Big Peer that the engine may delete, other than on a development stack or by a stated exception", () => {
    const bare = (stack?: string) => bigPeer(undefined, { protect: false, ...(stack ? { stack } : {}) });
    expect(judge(protectedFromDeletion, bare())[0]?.what).toBe("the Big Peer bp1 is not protected");
    expect(judge(protectedFromDeletion, bigPeer())).toEqual([]);
    expect(judge(protectedFromDeletion, bare("dev"), { developmentStacks: ["dev"] })).toEqual([]);
    expect(judge(protectedFromDeletion, bare(), { except: { bp1: "moved to west" } })).toEqual([]);
    expect(judge(protectedFromDeletion, bare(), { except: { bp2: "moved to west" } })).toHaveLength(1);
    expect(protectedFromDeletion.settings.safeParse({ except: { bp1: "" } }).success).toBe(false);
  });

  test("asks nothing of a patch, which may always go", () => {
    const patch = trustPatchManifest(defaultOperator, { peer: "bp1", namespace: "ditto", secrets: [] });
    expect(judge(protectedFromDeletion, resource("kubernetes:ditto.live/v1alpha1:BigPeerPatch", patch))).toEqual([]);
  });
});

describe("load-balancer-allow-list", () => {
  const service = (spec: object, annotations: Record<string, string> = {}) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "controller", namespace: "edge", annotations },
    spec,
  });
  const patch = "kubernetes:core/v1:ServicePatch";
  const judged = (type: string, spec: object, annotations?: Record<string, string>) =>
    judge(loadBalancerAllowList, resource(type, service(spec, annotations))).map(({ what }) => what);

  test("finds a load balancer for everybody, with its ports", () => {
    const ports = [{ port: 443 }, { port: 4040 }];
    const open = "the Service edge/controller is a load balancer and";
    expect(judged(patch, { type: "LoadBalancer", ports })).toEqual([
      `${open} has no loadBalancerSourceRanges (ports 443, 4040)`,
    ]);
    expect(judged("kubernetes:core/v1:Service", { type: "LoadBalancer", loadBalancerSourceRanges: [] })).toHaveLength(
      1,
    );
    expect(judged(patch, { type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24", "0.0.0.0/0"] })).toEqual([
      `${open} lets in 0.0.0.0/0, which is everybody`,
    ]);
  });

  test("allows named ranges, by the field or the annotation, and any other type of Service", () => {
    expect(judged(patch, { type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24"] })).toEqual([]);
    const annotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
    expect(judged(patch, { type: "LoadBalancer" }, { [annotation]: "192.0.2.0/24, 198.51.100.7/32" })).toEqual([]);
    expect(judged(patch, { type: "LoadBalancer" }, { [annotation]: "" })).toHaveLength(1);
    expect(judged(patch, { type: "NodePort" })).toEqual([]);
    expect(judged("kubernetes:core/v1:Service", {})).toEqual([]);
    expect(judged("kubernetes:core/v1:ConfigMap", { type: "LoadBalancer" })).toEqual([]);
  });

  test("holds for a Service of ours that exposes a target, and names the topology's own setting", () => {
    const names = { peer: "bp2", replication: "blue", service: "s", namespace: "ditto", port: "4040" };
    const target = { object: "blue-bp2-exposed", port: 4040, names, backend: { namespace: "ditto", port: 4040 } };
    const exposing = (settings: Parameters<typeof loadBalancerManifest>[0]) =>
      judge(
        loadBalancerAllowList,
        resource("kubernetes:core/v1:Service", loadBalancerManifest(settings, target, { selector: {}, targetPort: 1 })),
      );
    expect(exposing({})[0]?.fix).toContain("`sourceRanges` of the topology's `loadBalancer`");
    expect(exposing({ sourceRanges: ["203.0.113.0/24"] })).toEqual([]);
  });

  test("waits for what it cannot see yet: a patch says nothing of the Service before it has been applied", () => {
    expect(judged(patch, { ports: [{ port: 4040 }] })).toEqual([]);
  });

  test("accepts an exception only with what limits it instead", () => {
    const open = resource(patch, service({ type: "LoadBalancer" }));
    expect(judge(loadBalancerAllowList, open, { exceptions: { "edge/controller": "security group sg-1" } })).toEqual(
      [],
    );
    expect(judge(loadBalancerAllowList, open, { exceptions: { "edge/other": "security group sg-1" } })).toHaveLength(1);
    expect(loadBalancerAllowList.settings.safeParse({ exceptions: { "edge/controller": "" } }).success).toBe(false);
  });
});

test("a setting that a policy does not have is refused by name, where the engine would pass it over", () => {
  expect(() => settingsOf(versionsPinned, { ranges: "1.x" })).toThrow(
    /the configuration of versions-pinned is not valid:[\s\S]*ranges/,
  );
  expect(settingsOf(versionsPinned, {}).range).toBe("*");
});
