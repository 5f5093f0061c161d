/** A stand-in of Pulumi's Kubernetes provider: server-side apply through the official client, as the real one was seen to do it. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { propertyChanges } from "../property-diff.ts";
import { asSecret, hasUnknown, isBag, keepSecrets, type PropertyBag, revealBag } from "../property-values.ts";
import {
  CheckFailed,
  type Diff,
  type ExistingRef,
  InitFailed,
  type ResourceProvider,
  type ResourceRef,
  type WriteRequest,
} from "../resource-provider.ts";
import { ApiError, ClusterClient } from "./cluster-client.ts";
import { inputsFromLive, withoutManagedFields } from "./live-inputs.ts";
import { annotation, groupVersionKind, identityOf, idOf, isPatch, member, parseId } from "./object-identity.ts";
import { isAwaited, timeoutSeconds, unmet } from "./readiness.ts";

const pollMs = 150;
const clusterScoped = new Set([
  "Namespace",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "StorageClass",
]);

export class KubernetesProvider implements ResourceProvider {
  readonly version = "4.32.0";
  readonly #cancelled = new AbortController();
  #client = new ClusterClient({});

  configure(settings: PropertyBag): void {
    this.#client = new ClusterClient(revealBag(settings));
  }

  cancel(): void {
    this.#cancelled.abort(new Error("cancelled"));
  }

  async check(resource: ResourceRef, olds: PropertyBag, news: PropertyBag): Promise<PropertyBag> {
    const kind = typeof news.kind === "string" ? news.kind : "";
    const metadata = isBag(news.metadata) ? news.metadata : {};
    const patch = isPatch(resource, kind);
    if (patch && metadata.name === undefined)
      throw new CheckFailed("metadata.name", "patch resources require the `metadata.name` field");
    const named = metadata.name === undefined ? { ...metadata, ...autoname(resource, olds) } : metadata;
    const namespaced = clusterScoped.has(kind) || named.namespace !== undefined;
    return { ...news, metadata: namespaced ? named : { ...named, namespace: await this.#client.defaultNamespace() } };
  }

  async diff({ state, oldInputs }: ExistingRef, news: PropertyBag): Promise<Diff> {
    const before = revealBag(Object.keys(oldInputs).length > 0 ? oldInputs : inputsOf(state));
    const after = revealBag(news);
    const changes = propertyChanges(before, after);
    const fixed = ["metadata.name", "metadata.namespace", "kind", ...(after.kind === "Secret" ? ["type"] : [])];
    const replaces = changes.map(({ path }) => path).filter((path) => fixed.includes(path));
    // Two objects of one name cannot be there at the same time.
    const deleteBeforeReplace = replaces.length > 0 && idOf(identityOf(before)) === idOf(identityOf(after));
    return { changes, replaces, deleteBeforeReplace };
  }

  async create(request: WriteRequest): Promise<{ id: string; state: PropertyBag }> {
    const { inputs, preview } = request;
    const fieldManager =
      annotation(revealBag(inputs), "patchFieldManager") ?? `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
    const state = await this.#write(request, fieldManager);
    return { id: preview ? "" : idOf(identityOf(revealBag(inputs))), state };
  }

  async update(request: WriteRequest & ExistingRef): Promise<PropertyBag> {
    const fieldManager = member(request.state, "__fieldManager");
    return this.#write(request, typeof fieldManager === "string" ? fieldManager : "pulumi-kubernetes");
  }

  async read(resource: ExistingRef) {
    const identity = { ...groupVersionKind(resource), ...parseId(resource.id) };
    const before = revealBag(
      Object.keys(resource.oldInputs).length > 0 ? resource.oldInputs : inputsOf(resource.state),
    );
    const known = typeof before.kind === "string" && typeof before.apiVersion === "string";
    const live = await this.#client.read(known ? identityOf(before) : identity);
    if (!live) return undefined;
    const inputs = inputsFromLive(before, live);
    const marked = Object.keys(resource.oldInputs).length > 0 ? resource.oldInputs : inputs;
    const fieldManager = member(resource.state, "__fieldManager");
    const manager = typeof fieldManager === "string" ? fieldManager : "pulumi-kubernetes";
    return { id: resource.id, state: stateOf(live, marked, manager), inputs: keepSecrets(inputs, marked) };
  }

  async delete({
    state,
    oldInputs,
    type,
    urn,
    name,
    timeoutSeconds: custom,
  }: ExistingRef & { timeoutSeconds: number | undefined }) {
    const inputs = revealBag(Object.keys(oldInputs).length > 0 ? oldInputs : inputsOf(state));
    const identity = identityOf(inputs);
    const live = await this.#client.read(identity);
    const uid = live && member(live, "metadata", "uid");
    if (!live || typeof uid !== "string") return;
    if (isPatch({ type, urn, name }, identity.kind)) {
      const fieldManager = member(state, "__fieldManager");
      await this.#relinquish(inputs, uid, typeof fieldManager === "string" ? fieldManager : "pulumi-kubernetes");
      return;
    }
    await gone(this.#client.delete(identity, uid));
    const deadline = Date.now() + timeoutSeconds(inputs, custom) * 1000;
    for (;;) {
      const now = await this.#client.read(identity);
      if (!now || member(now, "metadata", "uid") !== uid) return;
      if (Date.now() > deadline) {
        const finalizers = JSON.stringify(member(now, "metadata", "finalizers") ?? []);
        throw new Error(
          `timed out waiting for ${identity.kind} ${idOf(identity)} to be deleted; its finalizers: ${finalizers}`,
        );
      }
      await delay(pollMs, undefined, { signal: this.#cancelled.signal });
    }
  }

  /** Gives up the fields of a patch, and with it what nobody else holds of them. An object that is gone stays so: its UID is no other's. */
  async #relinquish(inputs: PropertyBag, uid: string, fieldManager: string): Promise<void> {
    const { apiVersion, kind, name, namespace } = identityOf(inputs);
    const metadata = { name, uid, ...(namespace === undefined ? {} : { namespace }) };
    const options = { fieldManager, dryRun: false, force: false };
    await gone(this.#client.apply({ apiVersion, kind, metadata }, options));
  }

  async #write(
    { type, urn, name, inputs, preview, timeoutSeconds: custom }: WriteRequest,
    fieldManager: string,
  ): Promise<PropertyBag> {
    if (preview && hasUnknown(inputs)) return stateOf(inputs, inputs, fieldManager);
    const object = revealBag(inputs);
    const force = annotation(object, "patchForce") === "true";
    let live: PropertyBag;
    try {
      live = await this.#client.apply(object, { fieldManager, dryRun: preview, force });
    } catch (error) {
      // What the program itself is about to make may be missing in a preview: a namespace, a kind.
      if (preview && isMissing(error)) return stateOf(inputs, inputs, fieldManager);
      throw applyError(error, { type, urn, name });
    }
    if (preview || !isAwaited(object)) return stateOf(live, inputs, fieldManager);
    return this.#awaitReady(inputs, live, fieldManager, custom);
  }

  async #awaitReady(
    inputs: PropertyBag,
    applied: PropertyBag,
    fieldManager: string,
    custom: number | undefined,
  ): Promise<PropertyBag> {
    const object = revealBag(inputs);
    const identity = identityOf(object);
    const seconds = timeoutSeconds(object, custom);
    const deadline = Date.now() + seconds * 1000;
    let live: PropertyBag | undefined = applied;
    let unread: string | undefined;
    for (;;) {
      const missing = unread === undefined ? unmet(object, live) : [unread];
      if (missing.length === 0) return stateOf(live ?? applied, inputs, fieldManager);
      const cancelled = this.#cancelled.signal.aborted;
      if (cancelled || Date.now() > deadline) {
        const what = `${identity.kind} ${idOf(identity)} was not ready ${cancelled ? "when the update was cancelled" : `after ${seconds} s`}`;
        const reasons = [what, ...missing];
        const state = stateOf(live ?? applied, inputs, fieldManager);
        throw new InitFailed(idOf(identity), state, inputs, `${what}: ${missing.join("; ")}`, reasons);
      }
      await delay(pollMs);
      unread = undefined;
      // It has been written, so an API server that is away for a while is waited for, too.
      live = await this.#client.read(identity).catch((error: unknown) => {
        unread = error instanceof Error ? error.message : String(error);
        return live;
      });
    }
  }
}

function autoname({ name }: ResourceRef, olds: PropertyBag): PropertyBag {
  const before = member(olds, "metadata", "name");
  const annotations = { "pulumi.com/autonamed": "true" };
  return { name: typeof before === "string" ? before : `${name}-${randomBytes(4).toString("hex")}`, annotations };
}

/** What the real provider keeps in the state besides the live object. */
function bookkeeping(inputs: PropertyBag, fieldManager: string): PropertyBag {
  return { __inputs: inputs, __initialApiVersion: inputs.apiVersion ?? "", __fieldManager: fieldManager };
}

function inputsOf(state: PropertyBag): PropertyBag {
  return isBag(state.__inputs) ? state.__inputs : {};
}

function stateOf(live: PropertyBag, inputs: PropertyBag, fieldManager: string): PropertyBag {
  const state = { ...keepSecrets(withoutManagedFields(live), inputs), ...bookkeeping(inputs, fieldManager) };
  if (live.kind !== "Secret") return state;
  const secrets = ["data", "stringData"].flatMap((key) =>
    live[key] === undefined ? [] : [[key, asSecret(live[key])]],
  );
  return { ...state, ...Object.fromEntries(secrets), __inputs: secretInputs(inputs) };
}

/** The data of a Secret is secret, whether the program says so or not. */
function secretInputs(inputs: PropertyBag): PropertyBag {
  const marked = Object.entries(inputs).map(([key, value]) => [
    key,
    key === "data" || key === "stringData" ? asSecret(value) : value,
  ]);
  return Object.fromEntries(marked);
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError
    ? error.code === 404
    : error instanceof Error && /Unrecognized API version/.test(error.message);
}

async function gone(request: Promise<unknown>): Promise<void> {
  await request.catch((error: unknown) => {
    if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
  });
}

function applyError(error: unknown, { name }: ResourceRef): unknown {
  if (!(error instanceof ApiError && error.code === 409)) return error;
  return new Error(
    `Server-Side Apply field conflict detected for "${name}": ${error.message}. Another field manager owns these fields; take them over with the annotation pulumi.com/patchForce, or leave them to it`,
  );
}
