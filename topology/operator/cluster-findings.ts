import { Finding } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import { live } from "../rules/live.ts";
import type { Definition } from "./custom-resource-definition.ts";
import { contractFindings } from "./definition-findings.ts";

/** The lowest Kubernetes that the operator is made for (vendor's documentation). */
const lowestKubernetes = { major: 1, minor: 31 };

/** Everything about a cluster, as it says it is, that does not fit its share of a plan. Pure.
 * @param version Kubernetes' version, such as `v1.36.3-gke.1` */
export function clusterFindings(
  plan: Plan,
  cluster: string,
  { version, definitions }: { readonly version: string; readonly definitions: readonly Definition[] },
): Finding[] {
  return [
    ...contractFindings(plan, cluster, definitions),
    ...oldKubernetes(cluster, version),
    ...(definitions.some(({ name }) => name === "certificates.cert-manager.io") ? [] : [noCertManager(cluster)]),
  ];
}

/** The finding, which stops nothing, that says why a cluster's contract is not known. */
export function uncheckedCluster(cluster: string, { what, remedy }: { what: string; remedy: string }): Finding {
  return new Finding(live.contractUnchecked, {
    path: ["clusters", cluster],
    what,
    fix: remedy,
  });
}

function oldKubernetes(cluster: string, version: string): Finding[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return [];
  const lowest = lowestKubernetes;
  if (Number(major) > lowest.major || (Number(major) === lowest.major && Number(minor) >= lowest.minor)) return [];
  return [
    new Finding(live.oldKubernetes, {
      path: ["clusters", cluster],
      what: `cluster "${cluster}" runs Kubernetes ${version}`,
      why: `the operator is made for ${lowest.major}.${lowest.minor} and later`,
      fix: `upgrade the cluster to ${lowest.major}.${lowest.minor} or later`,
    }),
  ];
}

function noCertManager(cluster: string): Finding {
  return new Finding(live.noCertManager, {
    path: ["clusters", cluster],
    what: `cluster "${cluster}" has no cert-manager (certificates.cert-manager.io)`,
    why: "cert-manager issues every Big Peer's CA for the operator; without one no Big Peer becomes Ready, unless its keys are given in `spec.auth.keys`",
    fix: "install cert-manager: helm upgrade --install cert-manager oci://quay.io/jetstack/charts/cert-manager --namespace cert-manager --create-namespace --set crds.enabled=true",
  });
}
