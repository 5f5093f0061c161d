import { names } from "../../report/words.ts";
import { Finding } from "../findings/finding.ts";
import { kubectlFor } from "../objects/kubectl.ts";
import { givenBackend } from "../objects/service-manifests.ts";
import type { Plan, PlannedConnection, PlannedExposure } from "../plan/plan.ts";
import { wayPath } from "../plan/port-advice.ts";
import { exposureOf } from "../plan/share.ts";
import { rendering } from "../rules/rendering.ts";
import { caCommand } from "./left-to-do.ts";

/** The findings that make a rendering wrong, or dangerous to apply: it would need values that only a deployment knows. */
export function refusals(
  plan: Plan,
  known: {
    /** For each peer: its CA certificates, PEM. */
    readonly certificates: ReadonlyMap<string, string>;
    /** Peers that nobody need trust yet, since they are not deployed. */
    readonly undeployed: ReadonlySet<string>;
  },
): Finding[] {
  return [...unpinnedApps(plan), ...unknownAddresses(plan), ...unknownBackends(plan), ...missingCas(plan, known)];
}

function unpinnedApps(plan: Plan): Finding[] {
  return [...plan.apps.values()]
    .filter(({ id, objects }) => id === undefined && objects.length > 0)
    .map(
      ({ name }) =>
        new Finding(rendering.appId, {
          path: ["apps", name],
          alike: "id",
          what: "has no id",
          fix: `write the app's \`id\` into the topology: for a deployed app, the one that \`pulumi stack output topology\` shows; otherwise a new one (\`uuidgen\`)`,
        }),
    );
}

function unknownAddresses(plan: Plan): Finding[] {
  const sides = [...plan.replications.values()].flatMap((replication) => replication.sides);
  const connections = sides.flatMap((side) => side.openConnections);
  const found = new Map(connections.flatMap((connection) => unknownAddress(plan, connection)));
  return [...found.values()];
}

function unknownAddress(plan: Plan, { address }: PlannedConnection): [string, Finding][] {
  if (address.kind !== "load-balancer") return [];
  const { cluster, ingress, exposure } = address;
  const found = exposureOf(plan, exposure);
  const refusal = new Finding(rendering.address, {
    path: found ? wayPath(plan, found) : ["clusters", cluster],
    alike: "host",
    what: "has no host, and peers of other clusters dial it",
    fix: `write its \`host\`: a name that you point to it${found ? `, or what \`${hostCommand(plan, found)}\` says` : ""}`,
  });
  return [[`${cluster}/${ingress}`, refusal]];
}

/** The command that reads the address of an exposure from the cluster. */
function hostCommand(plan: Plan, { cluster, way, object, backend }: PlannedExposure): string {
  const kubectl = kubectlFor(plan, cluster);
  const ofService = (namespace: string, name: string) =>
    `${kubectl} -n ${namespace} get service ${name} -o jsonpath='{.status.loadBalancer.ingress[0]}'`;
  switch (way.kind) {
    case "ingressNginx":
    case "transportServer":
      return ofService(way.settings.namespace, way.settings.service);
    case "gateway":
      return `${kubectl} -n ${way.settings.namespace} get gateway ${way.settings.name} -o jsonpath='{.status.addresses[0].value}'`;
    default:
      return ofService(backend.namespace, object);
  }
}

/** Files cannot read the selector of the operator's Service. */
function unknownBackends(plan: Plan): Finding[] {
  const unknown = plan.exposures.filter(
    (exposure) => ["loadBalancer", "nodePort"].includes(exposure.way.kind) && !givenBackend(exposure),
  );
  const byWay = Map.groupBy(unknown, ({ cluster, ingress }) => `${cluster}/${ingress}`);
  return [...byWay.values()].flatMap(([first]): Finding[] => {
    if (!first) return [];
    const { namespace, service } = first.backend;
    return [
      new Finding(rendering.backend, {
        path: wayPath(plan, first),
        alike: "backend",
        what: "makes Services, and rendering cannot read from the cluster which pods the operator's Services lead to",
        fix: `write its \`backend\`, as \`${kubectlFor(plan, first.cluster)} -n ${namespace} get service ${service} -o jsonpath='{.spec.selector} {.spec.ports}'\` shows it, with {service}, {peer} and {replication} where the targets differ`,
      }),
    ];
  });
}

function missingCas(plan: Plan, { certificates, undeployed }: Parameters<typeof refusals>[1]): Finding[] {
  const peers = [...plan.peers.values()];
  return peers.flatMap((peer): Finding[] => {
    const trusters = peers.filter(({ trusts }) => trusts.some((trust) => trust.peer === peer.name));
    if (trusters.length === 0 || certificates.has(peer.name) || undeployed.has(peer.name)) return [];
    return [
      new Finding(rendering.ca, {
        path: ["peers", peer.name],
        alike: "ca",
        what: `is trusted by ${names(trusters.map(({ name }) => name))}, but its CA certificate is not given`,
        fix: `add \`--fetch-cas cas\`, which reads it from the cluster, or run \`${caCommand(plan, peer)}\` and add \`--ca cas\`; before its first deployment, while it has no CA yet, add \`--allow-missing-ca\``,
      }),
    ];
  });
}
