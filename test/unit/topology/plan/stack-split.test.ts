import { type Input, runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { topologies } from "../../../support/random-topology.ts";

let registered: string[] = [];
await runtime.setMocks(
  {
    newResource({ type, name, inputs }) {
      if (type.startsWith("kubernetes:")) registered.push(JSON.stringify([type, name, inputs]));
      return { id: `${name}-id`, state: inputs };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "test",
  false,
);
const { ClusterShare } = await import("../../../../components/cluster-share.ts");
const { ClusterLinks } = await import("../../../../components/cluster-links.ts");
const { output } = await import("@pulumi/pulumi");

/** The objects that a stack with these clusters makes, once it knows of the others all that there is to know. */
async function objectsOf(plan: Plan, clusters: readonly string[]): Promise<string[]> {
  registered = [];
  const apps = new Map([...plan.apps.keys()].map((app) => [app, { id: `id of ${app}`, token: undefined }]));
  const certificates = new Map<string, Input<string>>([...plan.peers.keys()].map((peer) => [peer, `CA of ${peer}`]));
  const exposedAddresses = new Map(plan.exposures.map(({ id, port }) => [id, `${id}:${port}`]));
  for (const cluster of clusters) {
    const read = () => output("");
    const share = new ClusterShare(cluster, {
      plan,
      cluster,
      apps,
      certificates: { read },
      configSecret: () => "",
    });
    new ClusterLinks(`${cluster}-links`, { plan, cluster, share, certificates, exposedAddresses });
  }
  await runtime.disconnect();
  return registered.toSorted();
}

test("the stacks of a topology, split in any way, together make the objects of one stack", async () => {
  await fc.assert(
    fc.asyncProperty(topologies, fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }), async (topology, owners) => {
      const plan = planTopology(topology);
      const clusters = [...plan.clusters.keys()];
      const whole = await objectsOf(plan, clusters);
      const parts: string[] = [];
      for (const owner of new Set(owners))
        parts.push(
          ...(await objectsOf(
            plan,
            clusters.filter((_, index) => owners[index] === owner),
          )),
        );
      expect(whole.length).toBeGreaterThan(0);
      expect(parts.toSorted()).toEqual(whole);
    }),
    { numRuns: 20 },
  );
}, 60_000);
