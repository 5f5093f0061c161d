/** The parts of one cluster that expose targets besides ingress-nginx: only those that were asked for. */
import { KubernetesObjectApi } from "@kubernetes/client-node";
import type { LabCluster } from "../cluster.ts";
import { GatewayController } from "../gateway/controller.ts";
import { installGatewayApi } from "../gateway/install.ts";
import { LabError } from "../lab-error.ts";
import { NginxF5 } from "../nginx-f5/controller.ts";
import { installNginxF5 } from "../nginx-f5/install.ts";
import { ObjectCache } from "../operator/object-cache.ts";
import { ReconcileLoop } from "../reconcile-loop.ts";
import { Forwards } from "./forwards.ts";
import { LoadBalancers } from "./load-balancers.ts";
import { NodePorts } from "./node-ports.ts";
import type { PublicAddresses } from "./public-addresses.ts";
import type { ExposureParts } from "./requests.ts";

export interface ExposureOptions {
  readonly cluster: LabCluster;
  readonly parts: ExposureParts;
  readonly addresses: PublicAddresses;
  /** The address of the cluster's nodes. */
  readonly nodeAddress: string;
  /** Folder of the definitions of Gateway API. */
  readonly gatewayDefinitions: string | undefined;
  /** Services, as `<namespace>/<name>`, whose address is given by somebody else. */
  readonly others: readonly string[];
  readonly log: (line: string) => void;
}

interface Part {
  readonly name: string;
  start?(): Promise<void>;
  reconcile(): Promise<void>;
  stop(): Promise<void>;
}

/** Installs what the parts need and starts them. When it resolves, their definitions are served. */
export async function startExposure(options: ExposureOptions): Promise<{ stop(): Promise<void> }> {
  const { cluster, parts, addresses, nodeAddress, others, log } = options;
  if (Object.values(parts).every((part) => part === undefined)) return { stop: async () => {} };
  const loops: ReconcileLoop[] = [];
  const changed = () => {
    for (const loop of loops) loop.changed();
  };
  const objects = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  const services = new ObjectCache(
    cluster.kubeConfig,
    "/api/v1/services",
    () => objects.list("v1", "Service"),
    changed,
  );
  const running: Part[] = [];
  const { gateway, loadBalancers, nodePorts, nginxF5, forwards } = parts;
  const taken = [...others, ...(nginxF5 ? [`${nginxF5.namespace}/${nginxF5.service}`] : [])];
  const stop = async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
    await Promise.all([services.stop(), ...running.map((part) => part.stop())]);
  };
  const run = async (name: string, part: Omit<Part, "name">) => {
    running.push({ ...bound(part), name });
    await part.start?.();
  };
  try {
    await services.start();
    if (nginxF5) {
      const address = addresses.take();
      addresses.name(address, nginxF5.host === undefined ? [] : [nginxF5.host]);
      await installNginxF5(cluster, nginxF5, address);
      await run("F5 NGINX", new NginxF5({ cluster, request: nginxF5, address, services, onChange: changed }));
    }
    if (gateway) {
      if (options.gatewayDefinitions === undefined)
        throw new LabError("the definitions of Gateway API are missing; the lab reads them before it starts");
      await installGatewayApi(cluster, gateway, options.gatewayDefinitions);
      const { gateways } = gateway;
      await run("Gateway API", new GatewayController({ cluster, gateways, services, addresses, onChange: changed }));
    }
    if (forwards) await run("addresses of somebody else", new Forwards({ forwards, services, addresses }));
    if (nodePorts) {
      addresses.add(nodeAddress);
      addresses.name(nodeAddress, nodePorts.hosts);
      await run("node ports", new NodePorts({ address: nodeAddress, services }));
    }
    if (loadBalancers)
      await run(
        "load balancers",
        new LoadBalancers({ cluster, request: loadBalancers, services, addresses, others: new Set(taken), log }),
      );
  } catch (error) {
    await stop();
    throw error;
  }
  loops.push(...running.map(({ name, reconcile }) => new ReconcileLoop(reconcile, (line) => log(`${name}: ${line}`))));
  for (const loop of loops) loop.start();
  return { stop };
}

function bound(part: Omit<Part, "name">): Omit<Part, "name"> {
  return { reconcile: () => part.reconcile(), stop: () => part.stop() };
}
