import type { Path } from "./finding.ts";
import type { Topology } from "./schema.ts";

/** Every host that the file gives to an ingress controller. */
export function* ingressHosts(topology: Topology): Iterable<{ path: Path; host: string; cluster: string }> {
  for (const [cluster, { ingress, ingresses }] of Object.entries(topology.clusters)) {
    if (ingress?.host !== undefined)
      yield { path: ["clusters", cluster, "ingress", "host"], host: ingress.host, cluster };
    for (const [name, { host }] of Object.entries(ingresses ?? {})) {
      if (host !== undefined) yield { path: ["clusters", cluster, "ingresses", name, "host"], host, cluster };
    }
  }
}
