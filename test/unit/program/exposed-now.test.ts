import { expect, test } from "vitest";
import { exposedNow } from "../../../program/exposed-now.ts";
import { planText } from "../../../topology/check.ts";
import { exposedTopology } from "../../support/exposed-topology.ts";

const source = { cluster: "west", context: "west", kubeconfig: undefined };
const balancer = { status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } } };
const id = "west/blue-cars/bp2";

async function found(west: string, objects: Readonly<Record<string, unknown>>, more = {}) {
  const asked: string[] = [];
  const { plan } = planText(exposedTopology(west, { replication: ", port: 4117", ...more }));
  const addresses = await exposedNow(plan, [source], () => async (kind, namespace, name) => {
    asked.push(`${kind} ${namespace}/${name}`);
    const object = objects[`${kind} ${namespace}/${name}`];
    if (object instanceof Error) throw object;
    return object;
  });
  return { addresses: Object.fromEntries(addresses), asked };
}

test.each<[way: string, west: string, objects: Readonly<Record<string, unknown>>]>([
  ["ingress-nginx", "{ ingress: {} }", { "Service ingress-nginx/ingress-nginx-controller": balancer }],
  [
    "ingress-nginx at an external address",
    "{ ingress: {} }",
    { "Service ingress-nginx/ingress-nginx-controller": { spec: { externalIPs: ["203.0.113.7"] } } },
  ],
  ["a load balancer", "{ exposure: { loadBalancer: {} } }", { "Service ditto/blue-cars-bp2-exposed": balancer }],
  [
    "a Gateway",
    "{ exposure: { gateway: { name: tcp, namespace: infra } } }",
    { "Gateway infra/tcp": { spec: {}, status: { addresses: [{ value: "203.0.113.7" }] } } },
  ],
  ["F5 NGINX", "{ exposure: { transportServer: {} } }", { "Service nginx-ingress/nginx-ingress": balancer }],
])("a target is looked at where %s exposes it now", async (_, west, objects) => {
  expect((await found(west, objects)).addresses).toEqual({ [id]: "203.0.113.7:4117" });
  expect((await found(west, {})).addresses).toEqual({});
});

test.each([
  ["an address", "{ exposure: { address: { host: bp.example.com } } }"],
  ["a node port", "{ exposure: { nodePort: { host: bp.example.com, ports: 4000-4999 } } }"],
  ["a Gateway", "{ exposure: { gateway: { name: tcp, namespace: infra, host: bp.example.com } } }"],
  ["ingress-nginx", "{ ingress: { host: bp.example.com } }"],
])("where the file says the host of %s, no cluster is asked", async (_, west) => {
  const { addresses, asked } = await found(west, {});
  expect(addresses).toEqual({ [id]: "bp.example.com:4117" });
  expect(asked).toEqual([]);
});

test("a way that cannot be looked at hides no other one", async () => {
  const ways =
    "{ exposures: { a: { gateway: { name: tcp, namespace: infra } }, b: { loadBalancer: {} } }, exposure: [a, b] }";
  const { addresses } = await found(ways, {
    "Gateway infra/tcp": new Error("HTTP 403"),
    "Service ditto/blue-cars-bp2-b": balancer,
  });
  expect(addresses).toEqual({ [`${id}/b`]: "203.0.113.7:4117" });
});
