import { readFileSync } from "node:fs";
import { CoreV1Api } from "@kubernetes/client-node";
import { afterEach, describe, expect, test } from "vitest";
import { Deployment } from "./deployment.ts";

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
