import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configuredStacks } from "../program/stack-files.ts";
import { readDeployed } from "../status/deployed-state.ts";
import { statusOf } from "../status/report.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { mask } from "../topology/secrets/texts.ts";
import { type BundleFile, type Collected, joined, type Missing, pathPart, sentenceOf } from "./bundle.ts";
import { plainData } from "./redaction.ts";

/** The project's and the stacks' configuration, and what the stacks have deployed and wait for.
 * @param directory the folder of the Pulumi project
 * @param stacks those that have the topology */
export async function stackFiles(
  plan: Plan | undefined,
  directory: string,
  stacks: readonly string[],
): Promise<Collected> {
  const configured = existsSync(directory) ? configuredStacks(directory).filter((stack) => stacks.includes(stack)) : [];
  const names = ["Pulumi.yaml", ...configured.map((stack) => `Pulumi.${stack}.yaml`)];
  const settings = names
    .filter((name) => existsSync(join(directory, name)))
    .map((name) => settingsFile(directory, name));
  return joined([...settings, plan ? await deployed(plan, directory, stacks) : { files: [], missing: [] }]);
}

function settingsFile(directory: string, name: string): Collected {
  try {
    const content = withoutCiphertext(parse(readFileSync(join(directory, name), "utf8")));
    return { files: [{ path: `configuration/${pathPart(name)}`, content, about: "configuration" }], missing: [] };
  } catch (error) {
    // The parser quotes the line that it cannot read, and the line may hold a secret.
    const reason = error instanceof Error ? error.name : "it cannot be read";
    return { files: [], missing: [{ cluster: undefined, reason: `${name} is not valid YAML (${reason})` }] };
  }
}

/** Masks encrypted values: anybody who has the bundle and the passphrase could decrypt them. */
function withoutCiphertext(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCiphertext);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      key === "secure" || key === "encryptionsalt" || key === "encryptedkey" ? mask : withoutCiphertext(inner),
    ]),
  );
}

/** For each declared object: what a stack has written last. It needs Pulumi's backend, and no cluster. */
async function deployed(plan: Plan, directory: string, stacks: readonly string[]): Promise<Collected> {
  try {
    const seen = await readDeployed(directory, stacks, plan);
    const rows = statusOf(plan, { ...seen, live: undefined, caExpiry: new Map() });
    const told = rows.map(({ source, ref, deployed: state, changed, problems }) => {
      return { source, ...ref, deployed: state, changed, problems: problems.map(({ what }) => what) };
    });
    const content = plainData({ stacks, pending: seen.pending ?? [], objects: told });
    const file: BundleFile = {
      path: "deployed.yaml",
      content,
      about: "what the stacks have deployed, and what they wait for",
    };
    return { files: [file], missing: [] };
  } catch (error) {
    const missing: Missing = { cluster: undefined, reason: sentenceOf(error) };
    return { files: [], missing: [missing] };
  }
}
