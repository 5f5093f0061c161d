import type { Auth } from "../file/auth.ts";
import type { WayKind } from "../file/exposure.ts";
import type { Path } from "../findings/finding.ts";
import { issuerText } from "../plan/issuers.ts";
import { hostPort } from "../plan/names.ts";
import type { Address, Plan, PlannedConnection, PlannedExposure } from "../plan/plan.ts";
import { shareOf } from "../plan/share.ts";
import type { AuthWithToken } from "./auth-providers.ts";
import { exposingManifests } from "./exposing-manifests.ts";
import { appManifest, bigPeerManifest, type Manifest, pausedText, replicationManifest } from "./manifests.ts";
import type { ServiceBackend } from "./service-manifests.ts";
import { trustPatchManifest, trustSecretManifest } from "./trust-manifests.ts";

/** One object of a cluster's share, and the entry that requires it. */
export interface ClusterManifest {
  readonly manifest: Manifest;
  /** `object`: this project owns the object; `patch`: some fields of an object that others own, too. */
  readonly role: "object" | "patch";
  /** The entry of the topology that it comes from. */
  readonly source: Path;
  /** The way of exposing targets to which it belongs, if it belongs to one. */
  readonly way?: WayKind;
}

/** The values that only a deployment knows. Each can be of any type, such as a value that another resource provides later. */
export interface DeployedValues {
  /** The app's ID, if the topology specifies none. */
  readonly appId: (app: string) => unknown;
  /** The shared token of the playground of a peer or an app, if the topology contains none. */
  readonly token: (owner: { readonly peer: string } | { readonly app: string }) => unknown;
  /** The CA certificates of a peer, or of several peers that share one Secret, base64 of PEM. */
  readonly caCertificates: (peer: string, ...others: readonly string[]) => unknown;
  /** The CA certificate of an issuer, base64 of PEM, for a Secret that all peers of the issuer share. @default `caCertificates` of those peers */
  readonly issuerCertificate?: (issuer: string, peers: readonly [string, ...string[]]) => unknown;
  /** `host:port` of an exposure whose host is the address of a load balancer. */
  readonly loadBalancerAddress: (address: Address & { kind: "load-balancer" }) => unknown;
  /** Selector and target port of the Service that the operator creates for a target, if the topology does not specify them. */
  readonly serviceBackend: (exposure: PlannedExposure) => ServiceBackend;
}

/** Placeholders for values that are not known: enough to show where each value goes, and of which type it is. */
export const placeholders: DeployedValues = {
  appId: (app) => `<ID of app ${app}>`,
  token: (owner) => ("peer" in owner ? `<token of peer ${owner.peer}>` : `<token of app ${owner.app}>`),
  caCertificates: (...peers) => `<CA certificate of ${peers.join(", ")}>`,
  issuerCertificate: (issuer) => `<CA certificate of ${issuer}>`,
  loadBalancerAddress: ({ cluster, port }) => hostPort(`<load balancer of ${cluster}>`, port),
  serviceBackend: ({ backend: { service } }) => ({
    selector: `<selector of Service ${service}>`,
    targetPort: `<target port of Service ${service}>`,
  }),
};

/** Every object of one cluster's share of a plan, in the order in which they can be applied. */
export function clusterManifests(
  plan: Plan,
  cluster: string,
  values: DeployedValues = placeholders,
): ClusterManifest[] {
  return [
    ...bigPeers(plan, cluster, values),
    ...apps(plan, cluster, values),
    ...trusts(plan, cluster, values),
    ...exposingManifests(cluster, shareOf(plan, cluster), values),
    ...replications(plan, cluster, values),
  ];
}

function bigPeers(plan: Plan, cluster: string, values: DeployedValues): ClusterManifest[] {
  return shareOf(plan, cluster).peers.map(({ name, namespace, settings }) => {
    const { auth, readyTimeout } = settings;
    const withToken = auth && authWithToken(auth, () => values.token({ peer: name }));
    const object = { name, namespace, settings, auth: withToken, readyTimeout };
    return { role: "object", source: ["peers", name], manifest: bigPeerManifest(plan.operator, object) };
  });
}

function apps(plan: Plan, cluster: string, values: DeployedValues): ClusterManifest[] {
  return shareOf(plan, cluster).apps.flatMap(({ app: { name: app, id, auth, spec }, objects }) =>
    objects.map(({ name, namespace, peer }): ClusterManifest => {
      const withToken = auth && authWithToken(auth, () => values.token({ app }));
      const object = { name, namespace, peer, id: id ?? values.appId(app), auth: withToken, spec };
      return { role: "object", source: ["apps", app], manifest: appManifest(plan.operator, object) };
    }),
  );
}

function trusts(plan: Plan, cluster: string, values: DeployedValues): ClusterManifest[] {
  return shareOf(plan, cluster).peers.flatMap(({ name, namespace, trusts, otherTrustSecrets }): ClusterManifest[] => {
    if (trusts.length + otherTrustSecrets.length === 0) return [];
    const source = ["peers", name];
    const bySecret = Map.groupBy(trusts, ({ secret }) => secret);
    const secrets = [...bySecret].flatMap(([secret, held]): ClusterManifest[] => {
      const [peer, ...others] = held.map((trust) => trust.peer);
      if (peer === undefined) return [];
      const issuer = plan.operator.trustSecret.bundle ? undefined : held[0]?.issuer;
      const data =
        issuer && values.issuerCertificate
          ? values.issuerCertificate(issuerText(issuer), [peer, ...others])
          : values.caCertificates(peer, ...others);
      const object = { name: secret, namespace, truster: name, data };
      return [{ role: "object", source, manifest: trustSecretManifest(plan.operator, object) }];
    });
    const patch = { peer: name, namespace, secrets: [...bySecret.keys(), ...otherTrustSecrets] };
    return [...secrets, { role: "patch", source, manifest: trustPatchManifest(plan.operator, patch) }];
  });
}

function replications(plan: Plan, cluster: string, values: DeployedValues): ClusterManifest[] {
  return shareOf(plan, cluster).replications.flatMap(({ replication, sides }) =>
    sides.map((side): ClusterManifest => {
      const { name, namespace, peer, appObject: app, subscribes: queries } = side;
      const addressOf = ({ address }: PlannedConnection) =>
        address.kind === "load-balancer" ? values.loadBalancerAddress(address) : address.address;
      const connections = side.openConnections.map(addressOf);
      const closed = connections.length === 0 ? side.connections.map(addressOf) : [];
      const paused = closed.length === 0 ? undefined : pausedText(closed.map(textOf));
      const object = { name, namespace, peer, app, queries, connections, paused, spec: replication.spec };
      const manifest = replicationManifest(plan.operator, object);
      return { role: "object", source: ["replications", replication.name], manifest };
    }),
  );
}

/** The address of a load balancer is known once it is deployed; until then, or where it is no text, a placeholder stands for it. */
function textOf(address: unknown): string {
  return typeof address === "string" ? address : "<load balancer>";
}

function authWithToken(settings: Auth, generated: () => unknown): AuthWithToken {
  const { playground } = settings;
  if (!playground) return { settings };
  return { settings, token: typeof playground.token === "string" ? playground.token : generated() };
}
