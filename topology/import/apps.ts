import { isDeepStrictEqual } from "node:util";
import type { OperatorContract } from "../operator/contract.ts";
import { appObjectName } from "../plan/names.ts";
import { importAuth } from "./auth.ts";
import type { LeftOut } from "./left-out.ts";
import type { LiveApp } from "./live-objects.ts";
import { valueAtField, withoutFields } from "./spec-fields.ts";

export interface ImportedApps {
  /** The entries of the topology by name. */
  readonly entries: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Names by app ID. */
  readonly names: ReadonlyMap<string, string>;
  readonly leftOut: readonly LeftOut[];
}

/**
 * One app for each ID, called as most of its objects are.
 * @param contexts of the clusters in the kubeconfig, by cluster
 */
export function importApps(
  contract: OperatorContract,
  apps: readonly LiveApp[],
  contexts: ReadonlyMap<string, string>,
): ImportedApps {
  const entries = new Map<string, Readonly<Record<string, unknown>>>();
  const names = new Map<string, string>();
  const leftOut: LeftOut[] = [];
  for (const [id, all] of Map.groupBy(apps, (app) => app.id.toLowerCase())) {
    const own = all.filter(({ peer }, index) => all.findIndex((other) => other.peer === peer) === index);
    for (const twice of all.filter((app) => !own.includes(app)))
      leftOut.push({
        ...objectOf(twice),
        reason: `it has the app ID ${id} of ${own.find(({ peer }) => peer === twice.peer)?.name} on the same Big Peer ${twice.peer}`,
        offer: "an app ID is unique on a Big Peer: make sure that no replication names it, and delete it",
      });
    const name = free(mostUsed(own.map(baseOf)), entries);
    names.set(id, name);
    const [first] = own;
    const { appId, authProviders } = contract.fields.app;
    const spec = (app: LiveApp) => withoutFields(app.spec, [appId, authProviders]);
    const rest = first ? spec(first) : {};
    const providers = (app: LiveApp | undefined) => app && valueAtField(app.spec, authProviders);
    const { auth, leftOut: authLeft } = first
      ? importAuth(contract, providers(first), {
          ...{ kind: "app", key: `playground-app-${name}`, context: contexts.get(first.cluster) ?? first.cluster },
          ...{ cluster: first.cluster, namespace: first.namespace, name: first.name },
        })
      : { auth: undefined, leftOut: [] };
    leftOut.push(...authLeft);
    entries.set(name, {
      id: first?.id,
      peers: own.map(({ peer }) => peer),
      ...(auth === undefined ? {} : { auth }),
      ...(Object.keys(rest).length === 0 ? {} : { spec: rest }),
      adopt: true,
    });
    for (const app of own) {
      const object = objectOf(app);
      const wanted = appObjectName(name, app.peer);
      if (app.name !== wanted)
        leftOut.push({
          ...object,
          reason: `the topology calls it ${wanted}, so an update would try to create a second app with the ID ${id}`,
          offer: `recreate it as ${wanted} with the same ID, and delete ${app.name}, before the update: the documents belong to the ID`,
        });
      if (!isDeepStrictEqual(spec(app), rest))
        leftOut.push({
          ...object,
          reason: `its spec differs from that of ${first?.name}, and \`apps.${name}.spec\` applies to all peers`,
          offer: `write the spec that you want into \`apps.${name}.spec\``,
        });
      if (!isDeepStrictEqual(providers(app), providers(first)))
        leftOut.push({
          ...object,
          reason: `its auth providers differ from those of ${first?.name}, and \`apps.${name}.auth\` applies to all peers`,
          offer: `write the auth providers that you want into \`apps.${name}.auth\`; an update gives them to every peer, including a shared token`,
        });
    }
  }
  return { entries, names, leftOut };
}

function objectOf({ cluster, namespace, name }: Pick<LiveApp, "cluster" | "namespace" | "name">) {
  return { cluster, object: `BigPeerApp ${namespace}/${name}` };
}

function baseOf({ name, peer }: LiveApp): string {
  const suffix = `-${peer}`;
  return name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : name;
}

/** The one that is there most often; of several, the first. */
export function mostUsed(names: readonly string[]): string {
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, each]) => ({ name, count: each.length }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best), counts[0] ?? { name: "", count: 0 })
    .name;
}

/** A name that no other entry has. */
export function free(name: string, taken: { has(name: string): boolean }): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}
