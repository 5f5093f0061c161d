import { z } from "zod";
import type { ClusterLinks } from "../components/cluster-links.ts";
import type { ClusterShare } from "../components/cluster-share.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { writtenObjects } from "../topology/takeover/written-objects.ts";

/** For each cluster: the keys of the objects that a stack has made there. */
export type WrittenKeys = ReadonlyMap<string, ReadonlySet<string>>;

const output = z.object({ objects: z.string() });
const keys = z.record(z.string(), z.array(z.string()));

/** The objects that a stack has exported as its own. Nothing, if an earlier release made its last update. */
export function readWrittenKeys(outputs: unknown): WrittenKeys {
  const text = output.safeParse(outputs).data?.objects;
  if (text === undefined) return new Map();
  const parsed = keys.safeParse(jsonOf(text));
  return new Map(Object.entries(parsed.data ?? {}).map(([cluster, list]) => [cluster, new Set(list)]));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same as text; equal keys always give equal text. */
export function writtenKeysText(written: WrittenKeys): string {
  const sorted = [...written]
    .filter(([, set]) => set.size > 0)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([cluster, set]) => [cluster, [...set].sort()]);
  return JSON.stringify(Object.fromEntries(sorted));
}

/**
 * The objects that an update declares in one cluster. Objects of the plan that have to wait for another stack, or for
 * the cluster, are not among them.
 * @param exposing the objects that expose targets there, as `<namespace>/<name>`
 */
export function declaredKeys(
  plan: Plan,
  cluster: string,
  share: ClusterShare,
  links: ClusterLinks,
  exposing: ReadonlySet<string>,
): Set<string> {
  const trusts = [...plan.peers.values()].flatMap(({ name, namespace, trusts }) =>
    trusts.flatMap(({ peer, secret }): string[] =>
      links.trusts.get(name)?.nodes.secrets[peer] ? [`Secret ${namespace}/${secret}`] : [],
    ),
  );
  const sides = [...plan.replications.values()].flatMap((replication) =>
    replication.sides
      .filter((side) => side.cluster === cluster && links.replications.get(replication.name)?.nodes[side.peer])
      .map(({ name }) => name),
  );
  const [secrets, replications] = [new Set(trusts), new Set(sides)];
  const { kinds } = plan.operator;
  const declared = writtenObjects(plan, cluster).filter(({ kind, key, namespace, name, way }) => {
    if (way !== undefined) return exposing.has(`${namespace}/${name}`);
    if (kind === kinds.bigPeer) return share.peers.has(name);
    if (kind === kinds.app) return share.apps.has(name);
    return kind === kinds.replication ? replications.has(name) : secrets.has(key);
  });
  return new Set(declared.map(({ key }) => key));
}
