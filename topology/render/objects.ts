import type { Auth } from "../file/auth.ts";
import type { Path } from "../findings/finding.ts";
import { type ClusterManifest, clusterManifests, type DeployedValues } from "../objects/cluster-manifests.ts";
import type { Manifest } from "../objects/manifests.ts";
import type { Plan } from "../plan/plan.ts";

/** An object as a GitOps tool applies it, and the entry of the topology that it comes from. */
export interface RenderedObject {
  readonly manifest: Manifest;
  readonly source: Path;
  /** The way of exposing targets to which it belongs, if it belongs to one. */
  readonly way: ClusterManifest["way"];
}

/**
 * The part of a plan that files can hold: no playground, since its shared token would stand in the object in plain text, and
 * nobody who is trusted without a known certificate.
 */
export function renderablePlan(plan: Plan, certificates: ReadonlyMap<string, string>): Plan {
  const peers = [...plan.peers].map(([name, peer]) => {
    const { auth, ...settings } = peer.settings;
    const left = withoutPlayground(auth);
    const trusts = peer.trusts.filter((trust) => certificates.has(trust.peer));
    return [name, { ...peer, settings: left ? { ...settings, auth: left } : settings, trusts }] as const;
  });
  const apps = [...plan.apps].map(([name, app]) => [name, { ...app, auth: withoutPlayground(app.auth) }] as const);
  return { ...plan, peers: new Map(peers), apps: new Map(apps) };
}

function withoutPlayground(auth: Auth | undefined): Auth | undefined {
  if (!auth?.playground) return auth;
  const { playground: _, ...others } = auth;
  return Object.keys(others).length === 0 ? undefined : others;
}

/**
 * The objects of one cluster's share, each once: what `up` applies beside an object of ours is part of that object here, since
 * a GitOps tool takes one manifest an object. What Pulumi says by options and annotations of its own is said in the tools' terms.
 */
export function renderedObjects(plan: Plan, cluster: string, values: DeployedValues): RenderedObject[] {
  const manifests = clusterManifests(plan, cluster, values);
  const objects = manifests.filter(({ role }) => role === "object");
  const patches = manifests.filter(({ role }) => role === "patch");
  const declared = new Set(objects.map(({ manifest }) => objectId(manifest)));
  const merged = objects.map((object) => {
    const beside = patches.filter(({ manifest }) => objectId(manifest) === objectId(object.manifest));
    return { ...object, manifest: beside.reduce((whole, { manifest }) => merge(whole, manifest), object.manifest) };
  });
  return [...merged, ...patches.filter(({ manifest }) => !declared.has(objectId(manifest)))].map((each) => ({
    source: each.source,
    way: each.way,
    manifest: inTermsOfTools(each, isProtected(plan, each)),
  }));
}

function objectId({ apiVersion, kind, metadata }: Manifest): string {
  return JSON.stringify([apiVersion, kind, metadata.namespace, metadata.name]);
}

function isProtected(plan: Plan, { source: [section, name], manifest }: ClusterManifest): boolean {
  if (section === "peers" && manifest.kind === plan.operator.kinds.bigPeer)
    return plan.peers.get(String(name))?.protect ?? false;
  if (section !== "apps") return false;
  const app = plan.apps.get(String(name));
  const peer = app?.objects.find((object) => object.name === manifest.metadata.name)?.peer;
  // A peer that may go takes its apps along.
  return (app?.protect ?? false) && (plan.peers.get(peer ?? "")?.protect ?? true);
}

/** Never deleted by the tool: not when its file goes, and not with the Application. */
const kept = { argocd: ["Prune=false", "Delete=false"], flux: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } };
/** Only the fields of the manifest are ours. Flux applies on the server's side anyway, and is told to leave the others. */
const partial = { argocd: ["ServerSideApply=true"], flux: { "kustomize.toolkit.fluxcd.io/ssa": "Merge" } };

function inTermsOfTools({ manifest, role }: ClusterManifest, protect: boolean): Manifest {
  // The object of a patch is somebody else's: pruning it would delete their ConfigMap or Service.
  const terms = role === "patch" ? [partial, kept] : protect ? [kept] : [];
  const foreign = Object.entries(manifest.metadata.annotations ?? {}).filter(([key]) => !key.startsWith("pulumi.com/"));
  const annotations = {
    ...Object.fromEntries(foreign),
    ...(terms.length > 0 ? { "argocd.argoproj.io/sync-options": terms.flatMap(({ argocd }) => argocd).join(",") } : {}),
    ...Object.assign({}, ...terms.map(({ flux }) => flux)),
  };
  const { annotations: _, ...metadata } = manifest.metadata;
  return { ...manifest, metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata };
}

function merge<T extends object>(whole: T, part: object): T {
  const merged = Object.entries(part).map(([key, value]) => {
    const current: unknown = Object.entries(whole).find(([name]) => name === key)?.[1];
    return [key, isObject(current) && isObject(value) ? merge(current, value) : value];
  });
  return { ...whole, ...Object.fromEntries(merged) };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
