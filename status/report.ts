import { clusterManifests, type DeployedValues } from "../topology/objects/cluster-manifests.ts";
import { kubectlOf } from "../topology/objects/kubectl.ts";
import { referenceOf } from "../topology/objects/object-reference.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { staleTrust, type TrustProblem, type TrustSeen } from "../trust/stale-trust.ts";
import { anyValue } from "./differences.ts";
import { exposureRows } from "./exposure-rows.ts";
import { rowOf, stackFlag } from "./object-row.ts";
import type { Observation, StatusRow } from "./status-row.ts";

/** The source of what is deployed, and in no topology. */
export const notDeclared = "not declared";

/**
 * What the topology declares against what was deployed and what is there. Pure: all that was seen is given.
 * @param plan with the stack and the kubeconfig of each cluster as far as they are known, so that a command that mends can be copied
 */
export function statusOf(plan: Plan, seen: Observation, now = new Date()): StatusRow[] {
  const declared = [...plan.clusters.values()].map((cluster) => ({
    cluster,
    manifests: clusterManifests(plan, cluster.name, notKnown),
  }));
  const stale = seen.trust ? staleTrust(plan, seen.trust, now) : [];
  const rows = declared.flatMap(({ cluster, manifests }) => [
    // What exposes targets by ingress-nginx is told exposure by exposure.
    ...manifests
      .filter(({ way }) => way !== "ingressNginx")
      .map((each) => withTrust(plan, rowOf(plan, cluster, each, seen, now), stale, seen.trust)),
    ...exposureRows(plan, cluster, seen, now),
  ]);
  const refs = declared.flatMap(({ cluster, manifests }) =>
    manifests.map(({ manifest, role }) => referenceOf(cluster.name, manifest, role)),
  );
  const leftovers = seen.leftovers(refs).map((ref): StatusRow => {
    const mend = `pulumi up${stackFlag(plan.clusters.get(ref.cluster))}`;
    return {
      source: notDeclared,
      ref,
      deployed: "yes",
      changed: undefined,
      live: undefined,
      ready: undefined,
      connected: undefined,
      caExpires: undefined,
      problems: [{ what: "is deployed, but the topology no longer declares it", mend }],
    };
  });
  return pastForeign(plan, [...rows, ...leftovers]);
}

/** An update stops at what is somebody else's, and repairs nothing of the rest, unless it is told to go on. */
function pastForeign(plan: Plan, rows: readonly StatusRow[]): StatusRow[] {
  const stackOf = ({ ref }: StatusRow) => plan.clusters.get(ref.cluster)?.stack;
  const blocked = new Set(rows.filter(({ problems }) => problems.some(({ foreign }) => foreign)).map(stackOf));
  // The preview before an update would end at the conflict, before anything is written.
  const goesOn = (mend: string) => mend.replace(/\bpulumi up\b/g, "pulumi up --skip-preview --continue-on-error");
  return rows.map((row) =>
    blocked.has(stackOf(row))
      ? { ...row, problems: row.problems.map((each) => (each.foreign ? each : { ...each, mend: goesOn(each.mend) })) }
      : row,
  );
}

/** Values that only a deployment knows: anything agrees with them. */
export const notKnown: DeployedValues = {
  appId: () => anyValue,
  token: () => anyValue,
  caCertificates: () => anyValue,
  loadBalancerAddress: () => anyValue,
  serviceBackend: () => ({ selector: anyValue, targetPort: anyValue }),
};

/** A Big Peer's own row says what is wrong with its CA, and with its trust in others. */
function withTrust(
  plan: Plan,
  row: StatusRow,
  stale: readonly TrustProblem[],
  trust: TrustSeen | undefined,
): StatusRow {
  const { kind, name, role, namespace } = row.ref;
  if (kind !== plan.operator.kinds.bigPeer || role !== "object") return row;
  const own = stale
    .filter(({ truster }) => truster === name)
    .map(({ trusted, what, mend }) => ({
      ...{ what, mend },
      page: "ca-not-trusted" as const,
      between: [name, trusted] as const,
    }));
  const authority = trust?.authority(name);
  const isThere = row.live === "yes" || row.live === "differs";
  const cluster = plan.clusters.get(row.ref.cluster);
  const unread =
    isThere && cluster && authority && "unknown" in authority
      ? [
          {
            what: `its CA certificate cannot be read: ${authority.unknown}`,
            mend: `${kubectlOf(cluster)} -n ${namespace} get secret ${plan.peers.get(name)?.caSecret}`,
          },
        ]
      : [];
  return { ...row, problems: [...row.problems, ...own, ...unread] };
}
