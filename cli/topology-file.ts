import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { UsageError } from "./usage-error.ts";

const stackFile = z.object({ config: z.record(z.string(), z.unknown()).optional() });

/** The topology file that a command means: the one it names, else the one that a stack's configuration names.
 * @throws UsageError if there is no such file */
export function topologyFile(argument: string | undefined, stack: string | undefined): string {
  const file = argument ?? configuredTopology(stack ?? "dev");
  if (!existsSync(file))
    throw new UsageError(`there is no topology file ${file}; name one as the argument, or a stack by --stack`);
  return file;
}

function configuredTopology(stack: string): string {
  const file = `Pulumi.${stack}.yaml`;
  if (!existsSync(file)) return `topologies/${stack}.yaml`;
  const parsed = stackFile.safeParse(parse(readFileSync(file, "utf8")));
  const topology = parsed.success ? parsed.data.config?.["bigpeer:topology"] : undefined;
  return typeof topology === "string" ? topology : `topologies/${stack}.yaml`;
}
