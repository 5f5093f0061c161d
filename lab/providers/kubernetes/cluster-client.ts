import { setTimeout as delay } from "node:timers/promises";
import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { type PropertyBag, toPropertyBag } from "../property-values.ts";
import type { ObjectIdentity } from "./object-identity.ts";

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly dryRun: boolean;
  /** Take fields from whoever owns them. */
  readonly force: boolean;
}

/** An answer of the API server other than success. */
export class ApiError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One cluster, through the official client. It is loaded when something is first asked of the cluster, since that takes long. */
export class ClusterClient {
  readonly #settings: PropertyBag;
  #api: Promise<KubernetesObjectApi> | undefined;
  #defaultNamespace: string | undefined;

  constructor(settings: PropertyBag) {
    this.#settings = settings;
  }

  /** Server-side apply. */
  async apply(object: PropertyBag, { fieldManager, dryRun, force }: ApplyOptions): Promise<PropertyBag> {
    const { PatchStrategy } = await import("@kubernetes/client-node");
    return this.#call(async (api) =>
      api.patch(
        asObject(object),
        undefined,
        dryRun ? "All" : undefined,
        fieldManager,
        force,
        PatchStrategy.ServerSideApply,
      ),
    );
  }

  /** Undefined: it is not there. */
  async read(identity: ObjectIdentity): Promise<PropertyBag | undefined> {
    try {
      return await this.#call((api) => api.read(header(identity)));
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Deletes the object that has this UID, and no other that may have taken its name. */
  async delete(identity: ObjectIdentity, uid: string): Promise<void> {
    // The real provider asks for foreground deletion; without a garbage collector that would never end.
    await this.#call((api) =>
      api.delete(header(identity), undefined, undefined, undefined, undefined, "Background", {
        preconditions: { uid },
      }),
    );
  }

  /** The namespace of objects that name none. */
  async defaultNamespace(): Promise<string> {
    const { namespace } = this.#settings;
    if (typeof namespace === "string") return namespace;
    await this.#client();
    return this.#defaultNamespace ?? "default";
  }

  async #call(request: (api: KubernetesObjectApi) => Promise<object>): Promise<PropertyBag> {
    const api = await this.#client();
    for (let attempt = 1; ; attempt++) {
      try {
        return toPropertyBag(await request(api));
      } catch (error) {
        const pause = attempt < maxAttempts ? retryAfterSeconds(error) : undefined;
        if (pause === undefined) throw asApiError(error);
        await delay(pause * 1000);
      }
    }
  }

  #client(): Promise<KubernetesObjectApi> {
    this.#api ??= this.#connect();
    return this.#api;
  }

  async #connect(): Promise<KubernetesObjectApi> {
    const [{ KubernetesObjectApi }, { loadKubeConfig }] = await Promise.all([
      import("@kubernetes/client-node"),
      import("../../../components/secret-key.ts"),
    ]);
    const { kubeconfig, context } = this.#settings;
    const config = loadKubeConfig({
      kubeconfig: typeof kubeconfig === "string" && kubeconfig !== "" ? kubeconfig : undefined,
      context: typeof context === "string" ? context : undefined,
    });
    this.#defaultNamespace = config.getContextObject(config.getCurrentContext())?.namespace;
    return KubernetesObjectApi.makeApiClient(config);
  }
}

/** As the official Go client does: ten times, when the server says when to come again. */
const maxAttempts = 10;

function retryAfterSeconds(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("code" in error) || !("headers" in error)) return undefined;
  if (error.code !== 429 && error.code !== 503) return undefined;
  const { headers } = error;
  const value =
    typeof headers === "object" && headers !== null && "retry-after" in headers ? headers["retry-after"] : "";
  const seconds = Number(value);
  return value !== "" && Number.isFinite(seconds) ? Math.min(seconds, 60) : undefined;
}

function header({ apiVersion, kind, name, namespace }: ObjectIdentity) {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function asObject(object: PropertyBag): KubernetesObject & PropertyBag {
  return { ...object };
}

function asApiError(error: unknown): Error {
  if (typeof error !== "object" || error === null) return new Error(String(error));
  const code = "code" in error && typeof error.code === "number" ? error.code : undefined;
  if (code === undefined) return new Error(reachError(error));
  const body: unknown = "body" in error ? error.body : undefined;
  return new ApiError(code, statusMessage(body) ?? `the API server answered ${code}`);
}

/** Node's fetch says only that it failed; why is in the cause. */
function reachError(error: object): string {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
  return cause === "" || message.includes(cause) ? message : `failed to reach the cluster: ${message}: ${cause}`;
}

function statusMessage(body: unknown): string | undefined {
  let status = body;
  if (typeof body === "string") {
    try {
      status = JSON.parse(body);
    } catch {
      return body.slice(0, 500);
    }
  }
  if (typeof status !== "object" || status === null || !("message" in status)) return undefined;
  return String(status.message);
}
