import { isAbsolute, resolve } from "node:path";
import {
  type ApiConstructor,
  type ApiType,
  createConfiguration,
  type HttpLibrary,
  IsomorphicFetchHttpLibrary,
  KubeConfig,
  type RequestContext,
  type ResponseContext,
  ServerConfiguration,
  type User,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import { interceptors } from "undici";
import { type ExecCredential, execPlugin } from "./exec-plugin.ts";
import { type SharedCredential, sharedCredential } from "./shared-credential.ts";

type Connections = ReturnType<RequestContext["getDispatcher"]>;
type Options = Parameters<KubeConfig["applyToHTTPSOptions"]>[0];

/**
 * An API server that is busy answers 429, and says with Retry-After when to come again (Kubernetes' API Priority and Fairness).
 * Only requests that change nothing are sent again; one that is refused to the end is answered with the refusal.
 */
const patient = interceptors.retry({ statusCodes: [429], errorCodes: [], methods: ["GET"], throwOnError: false });

/**
 * A kubeconfig whose requests share their connections and their credential, and come again where an API server asks for it. The client
 * makes each its own connection and starts the credential plugin for each that comes before the first answer, so that reading fifty
 * certificates would be fifty TLS handshakes and fifty plugins; and it gives up at the first refusal.
 * For one cluster: choose the context before the first request.
 */
export class PooledKubeConfig extends KubeConfig {
  #connections: Connections;
  /** Sends a request again if the API server refuses its credential. It is for clients that are made without `makeApiClient`. */
  readonly transport: HttpLibrary = wrapHttpLibrary({ send: (request) => this.#renewing(request) });
  /** The client certificate that the connections were opened with: it belongs to the connection, not to the request. */
  #certificate: string | undefined;
  #shared: SharedCredential | undefined;
  /** The last credential that the plugin has given. */
  #credential: ExecCredential | undefined;
  /** Counts the client certificates that the plugin has given. */
  #certificates = 0;
  readonly #usedBy = new WeakMap<RequestContext, ExecCredential>();

  /** The current context's user, with what its credential plugin has given in place of the plugin. */
  override getCurrentUser(): User | null {
    const user = super.getCurrentUser();
    if (!user || !this.#credential) return user;
    const { token, certificate, key } = this.#credential;
    const { exec: _, ...rest } = user;
    return {
      ...rest,
      // The client keeps the agents of its web sockets by this name, and an agent keeps its certificate.
      name: this.#certificates > 1 ? `${user.name} (${this.#certificates})` : user.name,
      ...(token === undefined ? {} : { token }),
      ...(certificate === undefined ? {} : { certData: base64(certificate), keyData: base64(key ?? "") }),
    };
  }

  override async applySecurityAuthentication(request: RequestContext): Promise<void> {
    const credential = await this.#current();
    if (credential) this.#usedBy.set(request, credential);
    await super.applySecurityAuthentication(request);
    if (this.#certificate !== credential?.certificate) this.#connections = undefined;
    this.#certificate = credential?.certificate;
    this.#connections ??= request.getDispatcher()?.compose(patient);
    if (this.#connections) request.setDispatcher(this.#connections);
  }

  override async applyToHTTPSOptions(options: Options): Promise<void> {
    await this.#current();
    await super.applyToHTTPSOptions(options);
  }

  /** Looks for a plugin that is named by a relative path beside the kubeconfig, as kubectl does. */
  override makePathsAbsolute(rootDirectory: string): void {
    super.makePathsAbsolute(rootDirectory);
    this.users = this.users.map((user) => {
      const command: unknown = user.exec?.command;
      return typeof command === "string" && /[/\\]/.test(command) && !isAbsolute(command)
        ? { ...user, exec: { ...user.exec, command: resolve(rootDirectory, command) } }
        : user;
    });
  }

  /** @throws Error if the context names a cluster that the kubeconfig does not have */
  override makeApiClient<T extends ApiType>(type: ApiConstructor<T>): T {
    const cluster = this.getCurrentCluster();
    if (!cluster) {
      const context = this.getCurrentContext();
      throw new Error(
        context
          ? `the context "${context}" of the kubeconfig names a cluster that the kubeconfig does not have`
          : "the kubeconfig has no current context; name one, or choose it with `kubectl config use-context`",
      );
    }
    const baseServer = new ServerConfiguration(cluster.server, {});
    return new type(createConfiguration({ baseServer, authMethods: { default: this }, httpApi: this.transport }));
  }

  /** Says that the API server has answered 401 to the last credential. @returns whether another may be had */
  refused(): boolean {
    if (this.#credential) this.#shared?.refused(this.#credential);
    return this.#credential !== undefined;
  }

  /** A request that is refused for its credential is sent again with the next one, once. */
  async #renewing(request: RequestContext): Promise<ResponseContext> {
    const send = () => new IsomorphicFetchHttpLibrary().send(request).toPromise();
    const used = this.#usedBy.get(request);
    const answer = await send();
    if (!used) return answer;
    if (answer.httpStatusCode !== 401) {
      this.#shared?.taken(used);
      return answer;
    }
    this.#shared?.refused(used);
    await this.applySecurityAuthentication(request);
    const next = this.#usedBy.get(request);
    if (next === undefined || next === used) return answer;
    // A body that nobody reads would hold its connection.
    await answer.body.text();
    const second = await send();
    if (second.httpStatusCode !== 401) this.#shared?.taken(next);
    return second;
  }

  async #current(): Promise<ExecCredential | undefined> {
    const user = super.getCurrentUser();
    if (!user) return undefined;
    if (!this.#shared) {
      const plugin = execPlugin(user, this.getCurrentCluster());
      if (!plugin) return undefined;
      this.#shared = sharedCredential(plugin);
    }
    const credential = await this.#shared.get();
    if (credential.certificate !== undefined && credential.certificate !== this.#credential?.certificate)
      this.#certificates += 1;
    this.#credential = credential;
    return credential;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
