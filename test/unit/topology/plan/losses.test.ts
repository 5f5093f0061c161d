import { describe, expect, test } from "vitest";
import { losses } from "../../../../program/losses.ts";
import { planText } from "../../../../topology/check.ts";

const file = `
environment: production
clusters:
  east: { stack: east, ingress: { host: bp.east.example.com } }
  west: { stack: west, ingress: { host: bp.west.example.com } }
peers:
  bp1: { cluster: east, version: 1.63.2, store: { replicas: 3, partitions: 3, mrf: 3, storage: 10Gi } }
  bp2: { cluster: east, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const certificate = "-----BEGIN CERTIFICATE-----";
const before = {
  contract: 1 as const,
  peers: {
    bp1: {
      ...{ caCertificate: certificate, api: "ditto-bp1-api.ditto.svc.cluster.local:8080" },
      ...{ cluster: "east", storage: "10Gi" },
    },
    bp2: { caCertificate: certificate, api: "ditto-bp2-api.ditto.svc.cluster.local:8080" },
  },
  replications: {},
  exposures: {},
  apps: { cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7" } },
  trusted: {},
  dialled: {},
};
const found = (text: string, owned = ["east"]) =>
  losses(planText(text).plan, new Set(owned), before).map(({ rule, fix }) => `${rule}: ${fix}`);
const withoutBp2 = file
  .replace(/^ {2}bp2:.*\n/m, "")
  .replace("[bp1, bp2] }", "[bp1] }")
  .replace(/^replications:[\s\S]*/m, "");

describe("in production", () => {
  test("a file that takes nothing away is fine", () => {
    expect(found(file)).toEqual([]);
  });

  test("a peer that is taken out is refused until its removal is confirmed", () => {
    expect(found(withoutBp2)).toEqual([
      expect.stringMatching(/^peer-removed: put it back: under a new name .* migrate bp2 .*confirmRemoval: \[bp2]/),
    ]);
    expect(found(`confirmRemoval: [bp2]\n${withoutBp2}`)).toEqual([]);
  });

  test("a peer that moves to another stack's cluster is a removal", () => {
    expect(found(file.replace("bp2: { cluster: east", "bp2: { cluster: west"))).toEqual([
      expect.stringMatching(/^peer-removed/),
    ]);
  });

  test.each([
    ["another namespace", "bp1: { cluster: east,", "bp1: { cluster: east, namespace: other,"],
    ["less storage", "storage: 10Gi", "storage: 9.5Gi"],
    ["less storage, though it looks like more", "storage: 10Gi", "storage: 10G"],
    ["the operator's default storage", ", storage: 10Gi", ""],
    ["less storage, passed through", ", storage: 10Gi }", " }, spec: { store: { storage: { size: 5Gi } } }"],
  ])("%s makes a peer anew, and is refused until allowed", (_, from, to) => {
    expect(found(file.replace(from, to))).toEqual([
      expect.stringMatching(/^peer-replaced: .*allowReplace: \[peers\.bp1]/),
    ]);
    expect(found(`allowReplace: [peers.bp1]\n${file.replace(from, to)}`)).toEqual([]);
  });

  test.each(["20Gi", "10Gi", "10240Mi", "10737418240", "10.5Gi", "11G", "1Ti"])(
    "a store of 10Gi may get %s",
    (size) => {
      expect(found(file.replace("storage: 10Gi", `storage: "${size}"`))).toEqual([]);
    },
  );

  test("a smaller store is refused with both sizes, and with why it cannot be", () => {
    const [finding] = losses(planText(file.replace("10Gi", "5Gi")).plan, new Set(["east"]), before);
    expect(finding?.what).toBe(
      'the store of the Big Peer "bp1" would shrink from 10Gi to 5Gi: Kubernetes cannot shrink a volume, and a new one has none of its documents',
    );
  });

  describe("a cluster that is called otherwise", () => {
    const renamed = (context: string) =>
      file.replace("  east: {", `  north: { ${context}`).replaceAll("cluster: east", "cluster: north");
    const clusters = { east: { context: "east" }, west: { context: "west" } };
    const told = (text: string, exported: Parameters<typeof losses>[2]) =>
      losses(planText(text).plan, new Set(["north"]), exported).map(
        ({ rule, what, fix }) => `${rule}: ${what}; ${fix}`,
      );

    test("and is reached as before takes nothing away", () => {
      expect(told(renamed("context: east,"), { ...before, clusters })).toEqual([]);
    });

    test.each([
      ["by another context", "", clusters, /reach it as before: `context: east` and no `kubeconfig`; else put it back/],
      ["by another kubeconfig", "context: east, kubeconfig: other.yaml,", clusters, /`context: east` and no `kubec/],
      ["and was last deployed by a release that kept no contexts", "context: east,", undefined, /up once under the f/],
    ])("and is reached %s is refused with how it is known again", (_, context, known, how) => {
      const exported = known ? { ...before, clusters: known } : before;
      expect(told(renamed(context), exported)).toEqual([
        expect.stringMatching(/^peer-replaced: .*"bp1" .*another cluster \(north for east\)/),
      ]);
      expect(told(renamed(context), exported)[0]).toMatch(how);
    });

    test("does not let a peer lose its storage along with it", () => {
      const smaller = renamed("context: east,").replace("storage: 10Gi", "storage: 5Gi");
      expect(told(smaller, { ...before, clusters })).toEqual([
        expect.stringMatching(/^peer-replaced: .* would shrink from 10Gi to 5Gi: .*; put it back/),
      ]);
    });
  });

  test("a peer that moves between clusters of one stack is made anew, whatever their contexts", () => {
    const clusters = { east: { context: "east" }, west: { context: "west" } };
    const moved = file.replace("bp1: { cluster: east", "bp1: { cluster: west");
    const found = losses(planText(moved).plan, new Set(["east", "west"]), { ...before, clusters });
    expect(found.map(({ what, fix }) => `${what}; ${fix}`)).toEqual([
      expect.stringMatching(/another cluster \(west for east\), without its documents; put it back/),
    ]);
  });

  test("an app that is taken out, or called otherwise, is refused until allowed", () => {
    const renamed = file.replace("  cars: {", "  vehicles: {").replace("app: cars", "app: vehicles");
    expect(found(renamed)).toEqual([
      expect.stringMatching(/^app-removed: put it back: under a new name .*allowReplace: \[apps\.cars]/),
    ]);
    expect(found(`allowReplace: [apps.cars]\n${renamed}`)).toEqual([]);
  });

  test("another app ID leaves the documents behind, and is refused with the ID to put back", () => {
    const other = file.replace("2164bef3-37c0", "00000000-37c0");
    expect(found(other)).toEqual([
      expect.stringMatching(/^app-replaced: put `id: 2164bef3-.*allowReplace: \[apps\.cars]/),
    ]);
    expect(found(`allowReplace: [apps.cars]\n${other}`)).toEqual([]);
  });
});

test("in development everything may go", () => {
  expect(found(withoutBp2.replace("production", "development"))).toEqual([]);
});
