import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { Engine } from "../../lab/engine.ts";
import { LabError } from "../../lab/lab-error.ts";
import type { Auth } from "../../topology/file/auth.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { clustersByStack } from "./clusters-by-stack.ts";
import { stackConfiguration, stacksOfTopology } from "./environment-stacks.ts";

/**
 * A plan of which nothing leads away from the lab: the URLs of running Big Peers are left out.
 * @throws LabError if a cluster names a kubeconfig, since the engine would write to that cluster
 */
export function planForLab(plan: Plan): Plan {
  const elsewhere = [...plan.clusters.values()].filter(({ kubeconfig }) => kubeconfig !== undefined);
  if (elsewhere.length > 0) {
    const keys = elsewhere.map(({ name }) => `clusters.${name}.kubeconfig`).join(", ");
    throw new LabError(
      `the topology sets ${keys}, so this would write to a cluster of yours and not to the lab's. ` +
        "Remove it for the lab; for your own clusters, the config key bigpeer:kubeconfig or KUBECONFIG does the same.",
    );
  }
  const peers = [...plan.peers].map(([name, { settings, ...peer }]) => {
    const { api: _, ...others } = settings;
    return [name, { ...peer, settings: others }] as const;
  });
  return { ...plan, peers: new Map(peers) };
}

/**
 * Makes the stacks that run a topology on the lab: those that the project has for it, else one for each that its clusters name.
 * Of the project's own configuration only the split is taken: where its clusters are and what its secrets say is not the lab's.
 */
export async function initLabStacks(
  engine: Pick<Engine, "init">,
  plan: Plan,
  topologyFile: string,
  project: string,
): Promise<string[]> {
  const topology = resolve(topologyFile);
  const configured = stacksOfTopology(topology, project);
  const split: ReadonlyMap<string, unknown> =
    configured.length > 0
      ? new Map(configured.map((stack) => [stack, stackConfiguration(stack, project)["bigpeer:clusters"]]))
      : clustersByStack(plan);
  const secrets = Object.fromEntries(
    secretKeys(plan).map((key) => [`bigpeer:${key}`, randomBytes(24).toString("hex")]),
  );
  for (const [stack, clusters] of split) {
    const owned = clusters === undefined ? {} : { "bigpeer:clusters": clusters };
    await engine.init(stack, JSON.stringify({ config: { "bigpeer:topology": topology, ...owned, ...secrets } }));
  }
  return [...split.keys()];
}

/** The keys of the configuration by which the topology names a secret. */
function secretKeys(plan: Plan): string[] {
  const auths = [
    ...[...plan.peers.values()].map(({ settings }) => settings.auth),
    ...[...plan.apps.values()].map(({ auth }) => auth),
  ];
  return auths.flatMap((auth: Auth | undefined) => {
    const token = auth?.playground?.token;
    return typeof token === "object" ? [token.config] : [];
  });
}
