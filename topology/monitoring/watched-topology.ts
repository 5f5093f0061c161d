import { stringify } from "yaml";
import { formatPath } from "../findings/finding.ts";
import { secretsOfTopology } from "../secrets/topology.ts";

/** A topology as what watches it in a cluster reads it. */
export interface WatchedTopology {
  readonly text: string;
  /** The paths of secrets that it holds in plain text. */
  readonly secrets: readonly string[];
}

/** The topology as one file. Its kubeconfigs are left out: they are files, or credentials, of whoever deploys.
 * @param value of a source, with everything written out */
export function watchedTopology(value: unknown): WatchedTopology {
  const entries = Object.entries(Object(value)).map(([section, content]) => [
    section,
    section === "clusters" ? withoutKubeconfigs(content) : content,
  ]);
  const watched: unknown = Object.fromEntries(entries);
  return {
    text: stringify(watched, { aliasDuplicateObjects: false, lineWidth: 0 }),
    secrets: [...secretsOfTopology(watched)].map(({ path }) => formatPath(path)),
  };
}

function withoutKubeconfigs(clusters: unknown): unknown {
  const kept = Object.entries(Object(clusters)).map(([name, cluster]) => [
    name,
    Object.fromEntries(Object.entries(Object(cluster)).filter(([key]) => key !== "kubeconfig")),
  ]);
  return Object.fromEntries(kept);
}
