import type { Finding, Path } from "../finding.ts";
import type { Plan, PlannedConnection } from "../plan.ts";
import { caCommand } from "./left-to-do.ts";

/** A finding without its place in the file. */
export type Refusal = Omit<Finding, "location" | "excerpt" | "severity">;

/** What would make a rendering wrong, or dangerous to apply: values that only a deployment knows. */
export function refusals(
  plan: Plan,
  known: {
    /** By peer: its CA certificates, PEM. */
    readonly certificates: ReadonlyMap<string, string>;
    /** Peers that nobody need trust yet, since they are not deployed. */
    readonly undeployed: ReadonlySet<string>;
  },
): Refusal[] {
  return [...unpinnedApps(plan), ...unknownAddresses(plan), ...missingCas(plan, known)];
}

function unpinnedApps(plan: Plan): Refusal[] {
  return [...plan.apps.values()]
    .filter(({ id, objects }) => id === undefined && objects.length > 0)
    .map(({ name }) => ({
      rule: "render-app-id",
      path: ["apps", name],
      what: "has no id",
      why: "a generated ID is known to the Pulumi stack alone, and two sides of a replication with different IDs exchange nothing",
      fix: `write the app's \`id\` into the topology: of a deployed app the one that \`pulumi stack output topology\` shows, else a new one (\`uuidgen\`)`,
    }));
}

function unknownAddresses(plan: Plan): Refusal[] {
  const connections = [...plan.replications.values()].flatMap(({ sides }) => sides.flatMap((side) => side.connections));
  const found = new Map(connections.flatMap((connection) => unknownAddress(plan, connection)));
  return [...found.values()];
}

function unknownAddress(plan: Plan, { address }: PlannedConnection): [string, Refusal][] {
  if (address.kind !== "load-balancer") return [];
  const { cluster, ingress } = address;
  const own = plan.clusters.get(cluster)?.ingresses.get(ingress);
  const path: Path = ["clusters", cluster, ...(ingress === "default" ? ["ingress"] : ["ingresses", ingress])];
  const refusal = {
    rule: "render-address",
    path,
    what: "has no host, and peers of other clusters dial it",
    why: "the address of a load balancer is known in the cluster alone, so the files could not say whom to dial",
    fix: `write its \`host\`: a name that you point to it, or what \`kubectl -n ${own?.namespace} get service ${own?.service} -o jsonpath='{.status.loadBalancer.ingress[0]}'\` says`,
  };
  return [[`${cluster}/${ingress}`, refusal]];
}

function missingCas(plan: Plan, { certificates, undeployed }: Parameters<typeof refusals>[1]): Refusal[] {
  const peers = [...plan.peers.values()];
  return peers.flatMap((peer): Refusal[] => {
    const trusters = peers.filter(({ trusts }) => trusts.some((trust) => trust.peer === peer.name));
    if (trusters.length === 0 || certificates.has(peer.name) || undeployed.has(peer.name)) return [];
    return [
      {
        rule: "render-ca",
        path: ["peers", peer.name],
        what: `is trusted by ${trusters.map(({ name }) => name).join(", ")}, and its CA certificate is not given`,
        why: "without it the files hold no trust in this peer; applied over a running replication, they cut it off",
        fix: `\`${caCommand(plan, peer)}\`, then \`--ca cas\`; before its first deployment, when no CA is there yet, \`--allow-missing-ca\``,
      },
    ];
  });
}
