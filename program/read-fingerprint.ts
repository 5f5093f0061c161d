import { fingerprint } from "../topology/objects/stack-share.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { dialledElsewhere } from "./links.ts";
import { appsOf, ownerCluster, trustedPeers } from "./other-stacks.ts";
import type { StackExports } from "./stack-exports.ts";

/**
 * The fingerprint of all that a stack takes from what the stacks of other clusters have exported: the CAs of the peers that it trusts, the
 * addresses that it dials, the IDs of its apps. Tokens are secret, so they are not part of it.
 * @param exportsOf what the stack that owns a cluster has exported, in the plan's names; undefined where it has said nothing
 */
export function readFingerprint(
  plan: Plan,
  owned: ReadonlySet<string>,
  exportsOf: (cluster: string) => StackExports | undefined,
): string {
  const trusted = [...trustedPeers(plan, owned)].sort().flatMap((peer) => {
    const cluster = plan.peers.get(peer)?.cluster ?? "";
    if (owned.has(cluster)) return [];
    const { peers, former, shown } = exportsOf(cluster) ?? {};
    return [{ peer, authority: peers?.[peer]?.caCertificate, former: former?.[peer], shown: shown?.[peer] }];
  });
  const dialled = [...dialledElsewhere(plan, owned)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([exposure, cluster]) => [exposure, exportsOf(cluster)?.exposures[exposure]]);
  const ids = appsOf(plan, owned)
    .filter((app) => app.id === undefined && !owned.has(ownerCluster(plan, app)))
    .map((app) => [app.name, exportsOf(ownerCluster(plan, app))?.apps[app.name]?.id]);
  return fingerprint({ trusted, dialled, ids });
}

/** The clusters whose stacks generate a token that an owned app takes, since nobody can compare it without decrypting it. */
export function tokenSources(plan: Plan, owned: ReadonlySet<string>): ReadonlySet<string> {
  const taken = appsOf(plan, owned).filter(
    ({ auth }) => auth?.playground !== undefined && auth.playground.token === undefined,
  );
  return new Set(taken.map((app) => ownerCluster(plan, app)).filter((cluster) => !owned.has(cluster)));
}
