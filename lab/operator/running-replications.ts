import { isIP } from "node:net";
import { fillTemplate } from "../../topology/operator/contract.ts";
import { fieldAt } from "../../topology/value-at.ts";
import type { ReplicationConfig } from "../big-peer/big-peer.ts";
import type { ControllerOptions } from "./controller-options.ts";
import { entriesOf, textsOf, type WatchedObject } from "./object-cache.ts";

/** Creates the Service of each replication whose app is served, and returns how the Big Peer is to run it, by its name. */
export async function runningReplications(
  { contract, objects }: ControllerOptions,
  peer: string,
  replications: readonly WatchedObject[],
  apps: ReadonlyMap<string, string>,
  listening: boolean,
): Promise<Map<string, ReplicationConfig>> {
  const running = await Promise.all(
    replications.map(async (replication): Promise<[string, ReplicationConfig] | undefined> => {
      const { name, namespace, labels } = replication.metadata;
      const appId = apps.get(labels[contract.labels.app] ?? "");
      if (appId === undefined) return undefined;
      const host = await objects.service({
        namespace,
        name: fillTemplate(contract.replicationService.name, { peer, replication: name }),
        port: contract.replicationService.port,
        labels: { [contract.labels.bigPeer]: peer },
        // Each replication has processes of its own; what labels tell them apart is not published, so these are the lab's.
        selector: {
          [contract.labels.bigPeer]: peer,
          "app.kubernetes.io/component": "replication",
          "app.kubernetes.io/instance": name,
        },
        owner: objects.ownerOf(contract.kinds.replication, replication),
      });
      const connections = fieldAt(replication, contract.fields.replication.connections);
      const queries = fieldAt(replication, contract.fields.replication.queriesByCollection);
      return [
        name,
        {
          name,
          appId,
          connections: textsOf(connections),
          queries: Object.fromEntries(entriesOf(queries).map(([collection, list]) => [collection, textsOf(list)])),
          listen: listening && isIP(host) !== 0 ? { host, port: contract.replicationService.port } : undefined,
        },
      ];
    }),
  );
  return new Map(running.filter((entry) => entry !== undefined));
}
