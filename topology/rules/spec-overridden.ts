import type { Path } from "../finding.ts";
import type { Peer } from "../schema.ts";
import type { Rule } from "./rule.ts";

/** Two places for one field. */
export const specOverridden: Rule = {
  id: "spec-overridden",
  severity: "warning",
  summary: "A peer's `spec` passes a field through that a setting of its own writes.",
  why: "the setting wins, so what stands in `spec` never comes to the cluster",
  source: "our own: a setting is written over what `spec` passes through",
  ignorable: true,
  *check({ topology }) {
    const fields = topology.operator.fields.bigPeer;
    for (const [name, peer] of Object.entries(topology.peers)) {
      for (const [key, field] of Object.entries(fields)) {
        const setting = settingOf[key];
        const steps = field.split(".").slice(1);
        if (!setting || setting.written(peer) === undefined || !has(peer.spec, steps)) continue;
        const path: Path = ["peers", name, "spec", ...steps];
        yield {
          path,
          part: "key",
          what: `\`${setting.name}\` of the peer is written over it`,
          fix: `write it in \`${setting.name}\` alone`,
        };
      }
    }
  },
};

const settingOf: Readonly<Record<string, { name: string; written: (peer: Peer) => unknown }>> = {
  version: { name: "version", written: ({ version }) => version },
  ingressHost: { name: "host", written: ({ host }) => host },
  authProviders: { name: "auth", written: ({ auth }) => auth },
  storeReplicas: { name: "store.replicas", written: ({ store }) => store?.replicas },
  storePartitions: { name: "store.partitions", written: ({ store }) => store?.partitions },
  storeMrf: { name: "store.mrf", written: ({ store }) => store?.mrf },
  storeStorageSize: { name: "store.storage", written: ({ store }) => store?.storage },
  storeResources: { name: "store.resources", written: ({ store }) => store?.resources },
  subscriptionsReplicas: { name: "subscriptions.replicas", written: ({ subscriptions }) => subscriptions?.replicas },
  subscriptionsResources: { name: "subscriptions.resources", written: ({ subscriptions }) => subscriptions?.resources },
  image: { name: "image", written: ({ image }) => image },
  imagePullSecrets: { name: "imagePullSecrets", written: ({ imagePullSecrets }) => imagePullSecrets },
};

function has(value: unknown, steps: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return value !== undefined;
  return (
    typeof value === "object" && value !== null && Object.hasOwn(value, step) && has(Reflect.get(value, step), rest)
  );
}
