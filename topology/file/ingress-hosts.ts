import type { Path } from "../findings/finding.ts";
import type { Ingress, Topology } from "./schema.ts";

/** Every ingress controller of the file, with its place. */
export function* allIngresses(topology: Topology): Iterable<{ path: Path; ingress: Ingress; cluster: string }> {
  for (const [cluster, { ingress, ingresses }] of Object.entries(topology.clusters)) {
    if (ingress) yield { path: ["clusters", cluster, "ingress"], ingress, cluster };
    for (const [name, each] of Object.entries(ingresses ?? {}))
      yield { path: ["clusters", cluster, "ingresses", name], ingress: each, cluster };
  }
}

/** Every host that the file gives to an ingress controller. */
export function* ingressHosts(topology: Topology): Iterable<{ path: Path; host: string; cluster: string }> {
  for (const { path, ingress, cluster } of allIngresses(topology)) {
    if (ingress.host !== undefined) yield { path: [...path, "host"], host: ingress.host, cluster };
  }
}
