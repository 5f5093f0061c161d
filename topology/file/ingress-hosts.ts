import type { Path } from "../findings/finding.ts";
import type { Ingress, Way } from "./exposure.ts";
import { splitAddress } from "./host-and-port.ts";
import { isForOneTarget } from "./replication.ts";
import type { Topology } from "./schema.ts";

/** A way of exposing targets as the file has it. */
export interface WrittenWay {
  readonly path: Path;
  readonly cluster: string;
  /** `default`, or its name in `ingresses` or `exposures`. */
  readonly name: string;
  readonly way: Way;
}

/** Every way of the file, with its place. */
export function* allWays(topology: Topology): Iterable<WrittenWay> {
  for (const [cluster, { ingress, ingresses, exposure, exposures }] of Object.entries(topology.clusters)) {
    const at = ["clusters", cluster];
    if (ingress)
      yield {
        ...{ path: [...at, "ingress"], cluster, name: "default" },
        way: { kind: "ingressNginx", settings: ingress },
      };
    for (const [name, settings] of Object.entries(ingresses ?? {}))
      yield { path: [...at, "ingresses", name], cluster, name, way: { kind: "ingressNginx", settings } };
    if (exposure && !Array.isArray(exposure))
      yield { path: [...at, "exposure", exposure.kind], cluster, name: "default", way: exposure };
    for (const [name, way] of Object.entries(exposures ?? {}))
      yield { path: [...at, "exposures", name, way.kind], cluster, name, way };
  }
}

/** Every ingress-nginx controller of the file, with its place. */
export function* allIngresses(topology: Topology): Iterable<{ path: Path; ingress: Ingress; cluster: string }> {
  for (const { path, cluster, way } of allWays(topology))
    if (way.kind === "ingressNginx") yield { path, ingress: way.settings, cluster };
}

/** A host under which other clusters reach something. */
export interface WrittenHost {
  readonly path: Path;
  readonly host: string;
  readonly cluster: string;
  /** The way that it belongs to; undefined if it belongs to one peer or one replication. */
  readonly kind?: Way["kind"];
}

/** Every host that the file gives to a way of exposing targets, to a peer or to a replication. */
export function* ingressHosts(topology: Topology): Iterable<WrittenHost> {
  for (const { path, way, cluster } of allWays(topology))
    if (way.settings.host !== undefined)
      yield { path: [...path, "host"], host: way.settings.host, cluster, kind: way.kind };
  for (const [name, { address, cluster }] of Object.entries(topology.peers))
    for (const [path, host] of each(["peers", name, "address"], address ?? [])) yield { path, host, cluster };
  for (const [name, { address }] of Object.entries(topology.replications)) {
    const path = ["replications", name, "address"];
    const given =
      address === undefined || isForOneTarget(address)
        ? each(path, address ?? [])
        : Object.entries(address).flatMap(([peer, texts]) => each([...path, peer], texts));
    for (const [place, text] of given) {
      const host = splitAddress(text)?.host;
      if (host !== undefined) yield { path: place, host, cluster: "" };
    }
  }
}

/** A text with its place, or each of a list. */
function each(path: Path, texts: string | readonly string[]): (readonly [Path, string])[] {
  return typeof texts === "string" ? [[path, texts]] : texts.map((text, index) => [[...path, index], text]);
}
