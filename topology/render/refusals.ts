import { Finding, type Path } from "../findings/finding.ts";
import type { Plan, PlannedConnection } from "../plan/plan.ts";
import { rendering } from "../rules/rendering.ts";
import { caCommand } from "./left-to-do.ts";

/** What would make a rendering wrong, or dangerous to apply: values that only a deployment knows. */
export function refusals(
  plan: Plan,
  known: {
    /** By peer: its CA certificates, PEM. */
    readonly certificates: ReadonlyMap<string, string>;
    /** Peers that nobody need trust yet, since they are not deployed. */
    readonly undeployed: ReadonlySet<string>;
  },
): Finding[] {
  return [...unpinnedApps(plan), ...unknownAddresses(plan), ...missingCas(plan, known)];
}

function unpinnedApps(plan: Plan): Finding[] {
  return [...plan.apps.values()]
    .filter(({ id, objects }) => id === undefined && objects.length > 0)
    .map(
      ({ name }) =>
        new Finding(rendering.appId, {
          path: ["apps", name],
          what: "has no id",
          fix: `write the app's \`id\` into the topology: of a deployed app the one that \`pulumi stack output topology\` shows, else a new one (\`uuidgen\`)`,
        }),
    );
}

function unknownAddresses(plan: Plan): Finding[] {
  const connections = [...plan.replications.values()].flatMap(({ sides }) => sides.flatMap((side) => side.connections));
  const found = new Map(connections.flatMap((connection) => unknownAddress(plan, connection)));
  return [...found.values()];
}

function unknownAddress(plan: Plan, { address }: PlannedConnection): [string, Finding][] {
  if (address.kind !== "load-balancer") return [];
  const { cluster, ingress } = address;
  const own = plan.clusters.get(cluster)?.ingresses.get(ingress);
  const path: Path = ["clusters", cluster, ...(ingress === "default" ? ["ingress"] : ["ingresses", ingress])];
  const refusal = new Finding(rendering.address, {
    path,
    what: "has no host, and peers of other clusters dial it",
    fix: `write its \`host\`: a name that you point to it, or what \`kubectl -n ${own?.namespace} get service ${own?.service} -o jsonpath='{.status.loadBalancer.ingress[0]}'\` says`,
  });
  return [[`${cluster}/${ingress}`, refusal]];
}

function missingCas(plan: Plan, { certificates, undeployed }: Parameters<typeof refusals>[1]): Finding[] {
  const peers = [...plan.peers.values()];
  return peers.flatMap((peer): Finding[] => {
    const trusters = peers.filter(({ trusts }) => trusts.some((trust) => trust.peer === peer.name));
    if (trusters.length === 0 || certificates.has(peer.name) || undeployed.has(peer.name)) return [];
    return [
      new Finding(rendering.ca, {
        path: ["peers", peer.name],
        what: `is trusted by ${trusters.map(({ name }) => name).join(", ")}, and its CA certificate is not given`,
        fix: `\`${caCommand(plan, peer)}\`, then \`--ca cas\`; before its first deployment, when no CA is there yet, \`--allow-missing-ca\``,
      }),
    ];
  });
}
