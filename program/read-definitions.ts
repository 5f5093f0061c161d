import {
  ApiException,
  ApiextensionsV1Api,
  createConfiguration,
  type Middleware,
  ServerConfiguration,
  VersionApi,
} from "@kubernetes/client-node";
import { loadKubeConfig } from "../components/secret-key.ts";
import { type Definition, definitionsOf } from "../topology/operator/custom-resource-definition.ts";

/** What a cluster says of itself, before anything is asked of it. */
export interface ClusterFacts {
  /** Kubernetes' version, such as `v1.36.3`. */
  readonly version: string;
  readonly definitions: readonly Definition[];
}

/** A cluster that does not answer must not hold a preview up for longer than this. */
const patienceMs = 10_000;

/** Ends a request that is not answered. */
export const limited: Middleware = {
  pre: async (context) => {
    context.setSignal(AbortSignal.timeout(patienceMs));
    return context;
  },
  post: async (context) => context,
};

/** Reads a cluster's version and its custom resource definitions.
 * @throws Error if it cannot be reached or refuses, in a few words */
export async function readDefinitions(source: {
  kubeconfig?: string | undefined;
  context?: string | undefined;
}): Promise<ClusterFacts> {
  const config = loadKubeConfig(source);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error("the kubeconfig's context names no cluster");
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    httpApi: config.transport,
    promiseMiddleware: [limited],
  });
  const [{ gitVersion }, { items }] = await Promise.all([
    new VersionApi(configuration).getCode(),
    new ApiextensionsV1Api(configuration).listCustomResourceDefinition(),
  ]).catch((error: unknown) => {
    throw new Error(reasonOf(error), { cause: error });
  });
  return { version: gitVersion, definitions: definitionsOf(items) };
}

/** The HTTP code of an answer that refuses; undefined: there was no answer. */
export function httpCode(error: unknown): number | undefined {
  return error instanceof ApiException ? error.code : undefined;
}

/** Why a cluster could not be asked, in a few words. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiException) {
    if (error.code === 401) return "it does not accept the kubeconfig's user (HTTP 401)";
    if (error.code === 403) return "the kubeconfig's user may not list customresourcedefinitions (HTTP 403)";
    return `it answers HTTP ${error.code}`;
  }
  if (error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError"))
    return `it does not answer within ${patienceMs / 1000} s`;
  // "fetch failed" says nothing; what it was caused by does.
  if (error instanceof Error && error.cause instanceof Error) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
