import { readFileSync } from "node:fs";
import { CoreV1Api } from "@kubernetes/client-node";
import { afterEach, describe, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";

let deployment: Deployment | undefined;
afterEach(async () => {
  await deployment?.stop();
  deployment = undefined;
});

describe("the documented patterns on real engine and API servers, one stack, one pass", () => {
  test.each([
    { name: "hub-and-edges", probes: 12, opened: { centre: 2 } },
    { name: "mesh-of-three", probes: 6, opened: { eu: 0, us: 1, ap: 1 } },
  ])("$name: every allowed direction carries a document, every other does not", async ({ name, probes, opened }) => {
    const topology = readFileSync(`topologies/${name}.yaml`, "utf8");
    deployment = await Deployment.start(topology);
    await deployment.up();
    const { results } = await deployment.verify(topology);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results).toHaveLength(probes);
    for (const [cluster, count] of Object.entries(opened)) {
      const service = await deployment
        .kubeConfig(cluster)
        .makeApiClient(CoreV1Api)
        .readNamespacedService({ namespace: "ingress-nginx", name: "ingress-nginx-controller" });
      expect(service.spec?.ports?.filter((port) => port.name?.startsWith("bigpeer-"))).toHaveLength(count);
    }
    await deployment.up("dev", ["--expect-no-changes"]);
  });
});

test("peers of one cluster can each have a controller of their own, in any namespace and under any names", async () => {
  const topology = `
environment: development
clusters:
  office: {}
  plant:
    ingresses:
      front: { ports: 4040-4049 }
      back: { namespace: edge, service: back, deployment: back-nginx, container: nginx, configMap: tcp, manage: arguments, ports: 4040-4049 }
peers:
  desk: { cluster: office, version: 1.63.2 }
  line-1: { cluster: plant, version: 1.63.2, ingress: front }
  line-2: { cluster: plant, version: 1.63.2, ingress: back }
apps:
  parts: { peers: [desk, line-1, line-2] }
replications:
  one: { app: parts, between: [desk, line-1], port: 4041, queries: { parts: "line = 1" } }
  two: { app: parts, between: [desk, line-2], port: 4041, queries: { parts: "line = 2" } }
`;
  deployment = await Deployment.start(topology);
  await deployment.up();
  const { results } = await deployment.verify(topology);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  const core = deployment.kubeConfig("plant").makeApiClient(CoreV1Api);
  const [front, back] = await Promise.all([
    core.readNamespacedConfigMap({ namespace: "ingress-nginx", name: "tcp-services" }),
    core.readNamespacedConfigMap({ namespace: "edge", name: "tcp" }),
  ]);
  expect(front.data).toEqual({ "4041": "ditto/ditto-line-1-replication-one-line-1:4040" });
  expect(back.data).toEqual({ "4041": "ditto/ditto-line-2-replication-two-line-2:4040" });
  await deployment.up("dev", ["--expect-no-changes"]);
});
