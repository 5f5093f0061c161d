import { type Configuration, createConfiguration, type Middleware, ServerConfiguration } from "@kubernetes/client-node";
import { patienceMs } from "./failure.ts";
import { type KubeconfigSource, loadKubeConfig } from "./kubeconfig.ts";

/** Ends a request that is not answered. */
const limited: Middleware = {
  pre: async (context) => {
    context.setSignal(AbortSignal.timeout(patienceMs));
    return context;
  },
  post: async (context) => context,
};

/** For the first requests to a cluster, which may not be there: none of them takes longer than `patienceMs`.
 * @throws Error if the kubeconfig cannot be used */
export function limitedRequests(source: KubeconfigSource): Configuration {
  const config = loadKubeConfig(source);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error("the kubeconfig's context names no cluster");
  return createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    httpApi: config.transport,
    promiseMiddleware: [limited],
  });
}
