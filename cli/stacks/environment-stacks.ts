import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UsageError } from "../usage-error.ts";

const stackFile = z.object({ config: z.record(z.string(), z.unknown()).default({}) });

/** The topology file of an environment, which is named like it or by its path.
 * @throws UsageError if there is none */
export function environmentTopology(environment: string, directory: string): string {
  const topology = environment.endsWith(".yaml") ? environment : join(directory, "topologies", `${environment}.yaml`);
  if (!existsSync(topology)) throw new UsageError(`no environment "${environment}": there is no ${topology}`);
  return topology;
}

/** The stacks that share a topology file: those whose `Pulumi.<stack>.yaml` names it, or that are called like it.
 * @throws UsageError if there is no such folder */
export function stacksOfTopology(topology: string, directory: string): string[] {
  const wanted = resolve(topology);
  if (!existsSync(directory))
    throw new UsageError(`there is no folder ${directory}; name the one that has the Pulumi.yaml`);
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((stack) => resolve(directory, configuredTopology(stack, directory)) === wanted)
    .sort();
}

/** The topology file of a stack, from the project's folder. */
export function configuredTopology(stack: string, directory: string): string {
  const topology = stackConfiguration(stack, directory)["bigpeer:topology"];
  return typeof topology === "string" ? topology : `topologies/${stack}.yaml`;
}

/** What a stack's `Pulumi.<stack>.yaml` says, as it is written; nothing where there is no such file.
 * @throws UsageError if it is not YAML */
export function stackConfiguration(stack: string, directory: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(join(directory, `Pulumi.${stack}.yaml`), "utf8");
  } catch {
    return {};
  }
  const parsed = stackFile.safeParse(yamlOf(text, `Pulumi.${stack}.yaml`));
  return parsed.success ? parsed.data.config : {};
}

function yamlOf(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}
