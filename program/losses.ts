import { Finding, type Path } from "../topology/finding.ts";
import type { Plan } from "../topology/plan.ts";
import { live } from "../topology/rules/live.ts";
import type { RuleDescription } from "../topology/rules/rule.ts";
import { inPlanNames } from "./renamed-clusters.ts";
import type { StackContract } from "./stack-contract.ts";

/**
 * What an update would take away for good: a Big Peer with the documents that only it holds, or an app under the ID that its
 * documents have. Outside of development each has to be asked for by name.
 * @param exported what the stack said after its last update; undefined: nothing is known to be there
 */
export function losses(plan: Plan, owned: ReadonlySet<string>, exported: StackContract | undefined): Finding[] {
  if (plan.environment === "development" || !exported) return [];
  const before = inPlanNames(plan, exported);
  return [
    ...removedPeers(plan, owned, before),
    ...replacedPeers(plan, owned, before),
    ...removedApps(plan, before),
    ...replacedApps(plan, before),
  ];
}

function removedPeers(plan: Plan, owned: ReadonlySet<string>, before: StackContract): Finding[] {
  return Object.keys(before.peers)
    .filter((name) => !owned.has(plan.peers.get(name)?.cluster ?? "") && !plan.confirmRemoval.has(name))
    .map((name) => {
      const moved = plan.peers.has(name) ? "moved to another cluster, so deleted here" : "deleted";
      return loss(
        live.peerRemoved,
        ["peers", name],
        `the Big Peer "${name}" would be ${moved}, with every document that only it holds`,
        `put it back: under a new name it is a new, empty one. Replicate its data away first (npx bigpeer migrate ${name} <peer>); then, with it still declared, add \`confirmRemoval: [${name}]\`, run pulumi up, and take it out`,
      );
    });
}

function replacedPeers(plan: Plan, owned: ReadonlySet<string>, before: StackContract): Finding[] {
  return Object.entries(before.peers).flatMap(([name, { api, cluster, storage }]) => {
    const peer = plan.peers.get(name);
    if (!peer || !owned.has(peer.cluster) || plan.allowReplace.has(`peers.${name}`)) return [];
    const planned = peer.settings.store?.storage;
    const moved = cluster !== undefined && cluster !== peer.cluster;
    const hint = moved ? onlyRenamed(plan, before, { former: cluster, now: peer.cluster }) : "";
    const changes = [
      moved ? `another cluster (${peer.cluster} for ${cluster})` : undefined,
      api === peer.apiAddress ? undefined : `another namespace (${peer.namespace})`,
      storage === undefined || storage === planned
        ? undefined
        : `other storage (${planned ?? "the default"} for ${storage})`,
    ].filter((change) => change !== undefined);
    return changes.map((change, index) =>
      loss(
        live.peerReplaced,
        ["peers", name],
        `the Big Peer "${name}" would be made anew for ${change}, without its documents`,
        `${index === 0 ? hint : ""}put it back; or replicate its data away first (npx bigpeer migrate ${name} <peer>) and add \`allowReplace: [peers.${name}]\``,
      ),
    );
  });
}

/** How a cluster that has only got another name is known again. */
function onlyRenamed(plan: Plan, before: StackContract, { former, now }: { former: string; now: string }): string {
  if (plan.clusters.has(former)) return "";
  const same = `if ${now} is the same cluster under another name,`;
  const reach = before.clusters?.[former];
  if (!reach)
    return `${same} run pulumi up once under the former one: the stack then knows it again by its context; else `;
  const kubeconfig = reach.kubeconfig === undefined ? "no `kubeconfig`" : "the `kubeconfig` that it had";
  return `${same} reach it as before: \`context: ${reach.context}\` and ${kubeconfig}; else `;
}

function removedApps(plan: Plan, before: StackContract): Finding[] {
  return Object.keys(before.apps)
    .filter((name) => !plan.apps.has(name) && !plan.allowReplace.has(`apps.${name}`))
    .map((name) =>
      loss(
        live.appRemoved,
        ["apps", name],
        `the app "${name}" would be deleted on every peer, with its documents`,
        `put it back: under a new name it is a new, empty one. Once its documents are not needed: with it still declared, add \`allowReplace: [apps.${name}]\`, run pulumi up, and take it out`,
      ),
    );
}

function replacedApps(plan: Plan, before: StackContract): Finding[] {
  return Object.entries(before.apps).flatMap(([name, { id }]) => {
    const planned = plan.apps.get(name)?.id;
    if (planned === undefined || planned.toLowerCase() === id.toLowerCase()) return [];
    if (plan.allowReplace.has(`apps.${name}`)) return [];
    return [
      loss(
        live.appReplaced,
        ["apps", name, "id"],
        `the app "${name}" would get the ID ${planned} in place of ${id}: its documents stay behind under the old one`,
        `put \`id: ${id}\` back; or declare a second app, and add \`allowReplace: [apps.${name}]\` once the old documents are not needed`,
      ),
    ];
  });
}

function loss(rule: RuleDescription, path: Path, what: string, fix: string): Finding {
  return new Finding(rule, { path, what, fix });
}
