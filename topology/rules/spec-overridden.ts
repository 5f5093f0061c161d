import type { App } from "../file/app.ts";
import type { Peer } from "../file/peer.ts";
import type { Path } from "../findings/finding.ts";
import { passesThrough } from "../objects/passed-through.ts";
import { issuerOf } from "../plan/issuers.ts";
import type { Rule, Violation } from "./rule.ts";

/** Two places for one field. */
export const specOverridden: Rule = {
  id: "spec-overridden",
  severity: "warning",
  summary: "The `spec` of a peer, an app or a replication passes through a field that one of its own settings writes.",
  why: "the setting wins, so the value in `spec` never reaches the cluster",
  source: "our own: a setting overwrites what `spec` passes through",
  ignorable: true,
  *check({ topology }) {
    const { bigPeer, app, replication } = topology.operator.fields;
    for (const [name, peer] of Object.entries(topology.peers))
      yield* overridden(
        ["peers", name],
        { ...peer, caIssuer: issuerOf(topology, name) },
        bigPeer,
        peerSettings,
        "the peer",
      );
    for (const [name, each] of Object.entries(topology.apps))
      yield* overridden(["apps", name], each, app, appSettings, "the app");
    for (const [name, each] of Object.entries(topology.replications))
      yield* overridden(["replications", name], each, replication, replicationSettings, "the replication");
  },
};

/** A setting that writes a field, by its name; `written` gives undefined where it does not. */
interface Setting<T> {
  readonly name: string;
  readonly written: (entry: T) => unknown;
}

function* overridden<T extends { readonly spec?: Readonly<Record<string, unknown>> | undefined }>(
  at: Path,
  entry: T,
  fields: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, Setting<T>>>,
  owner: string,
): Iterable<Violation> {
  for (const [key, field] of Object.entries(fields)) {
    const setting = settings[key];
    if (!setting || setting.written(entry) === undefined || !passesThrough(entry.spec, field)) continue;
    yield {
      path: [...at, ...field.split(".")],
      part: "key",
      what: `\`${setting.name}\` of ${owner} overwrites it`,
      fix: `write it only in \`${setting.name}\``,
    };
  }
}

const peerSettings: Readonly<Record<string, Setting<Peer>>> = {
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
  kafkaListener: { name: "kafkaListener", written: ({ kafkaListener }) => kafkaListener },
  caIssuer: { name: "caIssuer", written: ({ caIssuer }) => caIssuer },
};

const appSettings: Readonly<Record<string, Setting<App>>> = {
  // Without an `id` one is generated, and it is written all the same.
  appId: { name: "id", written: () => true },
  authProviders: { name: "auth", written: ({ auth }) => auth },
};

/** Both are always written: a target with an empty list of connections, a source with an empty map of queries. */
const replicationSettings: Readonly<Record<string, Setting<unknown>>> = {
  connections: { name: "dial", written: () => true },
  queriesByCollection: { name: "queries", written: () => true },
};
