import type { Plan } from "../plan/plan.ts";
import { objectPath, type RenderedFile, yaml } from "../render/files.ts";
import type { KnownAddresses } from "./firewall-rules.ts";
import { networkPolicies } from "./network-policies.ts";

/** How every file of these begins, so that those of `render` are never taken for ours. */
const mark = "# NetworkPolicy by bigpeer from ";

/** True if a file is one of these. */
export function isPolicyFile(text: string): boolean {
  return text.startsWith(mark);
}

/**
 * The NetworkPolicies as files: `<cluster>/<namespace>/networkpolicy-<name>.yaml`, and a kustomization.yaml for each cluster.
 * @param topology what the files call the topology
 */
export function policyFiles(plan: Plan, topology: string, known: KnownAddresses): RenderedFile[] {
  const header = (entry: string) => `${mark}${topology} (${entry}). Change it there: changes here are lost.\n`;
  const policies = networkPolicies(plan, known);
  return [...Map.groupBy(policies, ({ cluster }) => cluster)].flatMap(([cluster, own]) => {
    const files = own
      .map(({ peer, manifest }): RenderedFile => {
        return { path: objectPath(cluster, manifest), text: `${header(`peers.${peer}`)}${yaml(manifest)}` };
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    const resources = files.map(({ path }) => path.slice(cluster.length + 1));
    const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources };
    return [
      { path: `${cluster}/kustomization.yaml`, text: `${header(`clusters.${cluster}`)}${yaml(kustomization)}` },
      ...files,
    ];
  });
}
