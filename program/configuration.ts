import { relative, resolve } from "node:path";
import { Config, getStack, type Input, type Output } from "@pulumi/pulumi";
import { z } from "zod";
import { Finding, TopologyError } from "../topology/findings/finding.ts";
import { suggestion } from "../topology/findings/suggest.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { live } from "../topology/rules/live.ts";

/** What a stack's configuration (`bigpeer:…`) says. README.md lists every key. */
export interface Configuration {
  /** Path of the topology file, as findings show it. */
  readonly topology: string;
  /** `bigpeer:clusters`: the clusters that this stack owns; undefined: all. */
  readonly clusters: readonly string[] | undefined;
  /** Path or content of the kubeconfig for clusters that name none of their own; undefined: as kubectl finds it. */
  readonly kubeconfig: Output<string> | undefined;
  /** A secret that the topology names by its key. */
  readonly secret: (key: string) => Input<string>;
}

/** Reads the configuration of the stack that runs.
 * @throws TopologyError if a value has the wrong form */
export function readConfiguration(projectDirectory: string): Configuration {
  const config = new Config("bigpeer");
  const topology = config.get("topology") ?? `topologies/${getStack()}.yaml`;
  return {
    topology: shortPath(resolve(projectDirectory, topology)),
    clusters: readClusters(config),
    kubeconfig: config.getSecret("kubeconfig"),
    secret: (key) => config.requireSecret(key),
  };
}

function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}

function readClusters(config: Config): readonly string[] | undefined {
  const text = config.get("clusters");
  if (text === undefined) return undefined;
  const listed = clusterNames(text);
  if (!listed) {
    throw new TopologyError([
      configFinding(
        "clusters",
        "is not a list of cluster names",
        `pulumi config set --path 'bigpeer:clusters[0]' <cluster>`,
      ),
    ]);
  }
  return listed;
}

/** The names in a value of `bigpeer:clusters`: a JSON list, or names with commas. Undefined if it is neither. */
export function clusterNames(text: string): string[] | undefined {
  const listed = z.array(z.string()).safeParse(text.trim().startsWith("[") ? jsonOrUndefined(text) : text.split(","));
  return listed.data?.map((name) => name.trim()).filter((name) => name !== "");
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The clusters of a plan that a stack owns.
 * @throws TopologyError if the configuration names a cluster that the topology does not declare */
export function ownedClusters(plan: Plan, configured: readonly string[] | undefined): ReadonlySet<string> {
  const known = [...plan.clusters.keys(), ...plan.lost.keys()];
  const unknown = (configured ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new TopologyError(
      unknown.map((name) =>
        configFinding(
          "clusters",
          `names "${name}", which the topology does not declare`,
          suggestion(name, known, "cluster"),
        ),
      ),
    );
  }
  return new Set(configured ?? known);
}

function configFinding(key: string, what: string, fix: string): Finding {
  return new Finding(live.configuration, {
    path: [`bigpeer:${key}`],
    what,
    fix,
    location: { file: `Pulumi.${getStack()}.yaml`, line: 1, column: 1 },
  });
}
