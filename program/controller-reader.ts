import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { controllerObject, type ReadObject } from "./read-controller.ts";

/** Reads the objects of a cluster's ingress controllers. The client is loaded when the first is asked for. */
export function controllerReader(source: () => Promise<KubeconfigSource>): ReadObject {
  return async (kind, namespace, name) => {
    if (kind === "Event") {
      const { readServiceEvents } = await import("../kubernetes/read-events.ts");
      return readServiceEvents(await source(), namespace, name);
    }
    if (kind === "ServiceList") {
      const { readServices } = await import("../kubernetes/read-services.ts");
      return readServices(await source());
    }
    const { readObject } = await import("../kubernetes/read-object.ts");
    return readObject(await source(), controllerObject(kind, namespace, name));
  };
}
