import { z } from "zod";
import { pausedAnnotation } from "../objects/manifests.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { readShape } from "../operator/shape.ts";
import { replicationServiceName } from "../plan/names.ts";
import type { ExposingObjects } from "./exposing-objects.ts";
import { valueAtField } from "./spec-fields.ts";

/** What was read from one cluster. Objects are plain data, as the API server gives them. */
export interface ClusterContents {
  /** What the topology will call the cluster. */
  readonly name: string;
  /** Its context in the kubeconfig. */
  readonly context: string;
  readonly bigPeers: readonly unknown[];
  readonly apps: readonly unknown[];
  readonly replications: readonly unknown[];
  /** The ingress-nginx controller, if one runs; the entries of its ConfigMap of TCP services by port. */
  readonly ingress: IngressContents | undefined;
  /** What exposes Services in other ways; left out: nobody looked, or it could not be read. */
  readonly exposing?: ExposingObjects | undefined;
  /** Why what exposes Services in other ways could not be read. */
  readonly unread?: string | undefined;
  /** Certificates alone (PEM), by `<namespace>/<Secret>`: of the CAs of its Big Peers, and of the Secrets that they trust. */
  readonly certificates: ReadonlyMap<string, string>;
  /** Why an update must not write a Secret that a Big Peer trusts, such as "it is immutable", by `<namespace>/<Secret>`. */
  readonly untouchable?: ReadonlyMap<string, string> | undefined;
  /** The CA certificates (PEM) of the issuers that have signed them, by `<namespace>/<Secret>` of the CAs of its Big Peers, where there are any. */
  readonly issuers?: ReadonlyMap<string, string> | undefined;
}

export interface IngressContents {
  /** The address in the status of its Service. */
  readonly host: string | undefined;
  readonly tcpServices: Readonly<Record<string, string>>;
  /** Its settings in the topology other than host and ports, such as its namespace. Default: those of the schema. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface LivePeer {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Names of the Secrets with the CAs that it trusts. */
  readonly trusted: readonly string[];
}

export interface LiveApp {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly peer: string;
  readonly id: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface LiveSide {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly peer: string;
  /** Name of its BigPeerApp. */
  readonly app: string;
  /** Whom it dials, or will dial once it is resumed. */
  readonly connections: readonly string[];
  /** True if this program has written it for a replication that is paused. */
  readonly paused: boolean;
  readonly queries: Readonly<Record<string, readonly string[]>>;
  readonly spec: Readonly<Record<string, unknown>>;
  /** The Service that the operator makes for it. */
  readonly service: string;
}

/** A port at which other clusters reach a Service. */
export interface Forward {
  readonly cluster: string;
  readonly port: number;
  readonly namespace: string;
  readonly service: string;
}

const liveObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.record(z.string(), z.unknown()).default({}),
});

export function livePeers(contract: OperatorContract, { name: cluster, bigPeers }: ClusterContents): LivePeer[] {
  return bigPeers.map((object) => {
    const { metadata, spec } = liveObject.parse(object);
    const listed = z.array(z.unknown()).catch([]).parse(valueAtField(spec, contract.fields.bigPeer.trustedCas));
    const trusted = listed.flatMap((entry) => readShape(contract.shapes.trustedCa, entry)?.secret ?? []);
    return { cluster, namespace: metadata.namespace, name: metadata.name, spec, trusted };
  });
}

export function liveApps(contract: OperatorContract, { name: cluster, apps }: ClusterContents): LiveApp[] {
  return apps.map((object) => {
    const { metadata, spec } = liveObject.parse(object);
    const id = z.string().catch("").parse(valueAtField(spec, contract.fields.app.appId));
    const peer = metadata.labels?.[contract.labels.bigPeer] ?? "";
    return { cluster, namespace: metadata.namespace, name: metadata.name, peer, id, spec };
  });
}

const connections = z.array(z.string()).catch([]);
const queries = z.record(z.string(), z.array(z.string())).catch({});

export function liveSides(contract: OperatorContract, { name: cluster, replications }: ClusterContents): LiveSide[] {
  return replications.map((object) => {
    const { metadata, spec } = liveObject.parse(object);
    const { fields, labels } = contract;
    const peer = metadata.labels?.[labels.bigPeer] ?? "";
    const open = connections.parse(valueAtField(spec, fields.replication.connections));
    const closed = metadata.annotations?.[pausedAnnotation];
    const paused = open.length === 0 && closed !== undefined;
    return {
      cluster,
      namespace: metadata.namespace,
      name: metadata.name,
      peer,
      app: metadata.labels?.[labels.app] ?? "",
      connections: paused ? closed.split(",") : open,
      paused,
      queries: queries.parse(valueAtField(spec, fields.replication.queriesByCollection)),
      spec,
      service: replicationServiceName(contract, peer, metadata.name),
    };
  });
}

/** The entries of a ConfigMap of TCP services: `<namespace>/<Service>:<port>`, perhaps with `:PROXY` behind. */
export function forwards({ name: cluster, ingress }: ClusterContents): Forward[] {
  return Object.entries(ingress?.tcpServices ?? {}).flatMap(([port, entry]): Forward[] => {
    const [, namespace, service] = /^([^/]+)\/([^:]+):/.exec(entry) ?? [];
    return namespace === undefined || service === undefined
      ? []
      : [{ cluster, port: Number(port), namespace, service }];
  });
}
