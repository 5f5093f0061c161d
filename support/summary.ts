import type { BundleFile, Missing } from "./bundle.ts";

export interface BundleSummary {
  readonly topology: string;
  readonly version: string;
  readonly made: Date;
  readonly files: readonly BundleFile[];
  readonly missing: readonly Missing[];
}

/** The page that stands first in a bundle: what is in it, and what could not be read, cluster by cluster. */
export function summaryText({ topology, version, made, files, missing }: BundleSummary): string {
  const places = Map.groupBy(files, ({ path }) => clusterOf(path));
  const contents = [...places].flatMap(([cluster, group]) => [
    cluster === undefined ? "" : `\n${cluster}:\n`,
    ...[...Map.groupBy(group, ({ about }) => about)].map(([about, alike]) => `- ${about}: ${pathsText(alike)}`),
  ]);
  return [
    "# Support bundle",
    "",
    `Made from ${topology} on ${made.toISOString()} by bigpeer-topology ${version}.`,
    "",
    "Secrets are masked as `(secret)`. Kubernetes Secrets and documents were never read. Read the files before you pass them on: they contain the",
    "names of clusters, hosts and collections, and queries.",
    "",
    "## What is in it",
    "",
    ...contents.filter((line) => line !== ""),
    "",
    "## What could not be read",
    "",
    ...missingLines(missing),
    "",
  ].join("\n");
}

/** The same for a terminal: how much there is of each, and everything that is missing. */
export function missingLines(missing: readonly Missing[]): string[] {
  if (missing.length === 0) return ["Everything could be read."];
  return [...Map.groupBy(missing, ({ cluster }) => cluster)].flatMap(([cluster, group]) => {
    const reasons = [...new Set(group.map(({ reason }) => reason))];
    return reasons.map((reason) => `- ${cluster === undefined ? "" : `${cluster}: `}${reason}`);
  });
}

function clusterOf(path: string): string | undefined {
  return /^clusters\/([^/]+)\//.exec(path)?.[1];
}

function pathsText(files: readonly BundleFile[]): string {
  const [first] = files;
  return files.length === 1 ? `\`${first?.path}\`` : `${files.length} files, such as \`${first?.path}\``;
}
