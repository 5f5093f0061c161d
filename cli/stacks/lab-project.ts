import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../../lab/engine.ts";
import type { RunningLab } from "../../lab/lab.ts";
import { standardInput } from "../../topology/expand/files.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { exportLines } from "../output/export-lines.ts";
import { labHome } from "../project/project-folder.ts";
import { initLabStacks, planForLab } from "./lab-stacks.ts";

/** A project that runs a topology on a lab that lives on. */
export interface LabProject {
  /** A folder that Pulumi takes for the project. */
  readonly directory: string;
  readonly stacks: readonly string[];
  /** The topology file: the given one, or where the standard input was written to. */
  readonly file: string;
}

/** What `bigpeer lab env` prints for a lab with a project. */
const environmentFile = "environment.sh";

/** Beside the labs: no lab has a name that begins with a dot. */
function labProjectFolder(lab: string): string {
  return join(labHome(), ".pulumi", lab);
}

/**
 * Makes the stacks of a topology for a lab, with a state, a home and a passphrase that are the lab's alone: a user's own Pulumi and the files
 * of the project never notice.
 */
export async function makeLabProject(
  { env }: Pick<RunningLab, "env">,
  { name, plan, named, text, project }: LabTopology,
): Promise<LabProject> {
  removeLabProject(name);
  const directory = labProjectFolder(name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = named === standardInput ? join(directory, "topology.yaml") : named;
  if (named === standardInput) writeFileSync(file, text, { mode: 0o600 });
  const engine = new Engine({ directory, env, project });
  const stacks = await initLabStacks(engine, planForLab(plan), file, project);
  const { PULUMI_CONFIG_PASSPHRASE: passphrase = "", ...others } = engine.env;
  // In a file: what a shell evaluates ends up in logs.
  const passphraseFile = join(directory, "passphrase");
  writeFileSync(passphraseFile, passphrase, { mode: 0o600 });
  const lines = exportLines({ ...others, PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile });
  writeFileSync(join(directory, environmentFile), `unset PULUMI_CONFIG_PASSPHRASE\n${lines}`, { mode: 0o600 });
  return { directory, stacks, file };
}

/** What a lab is to run. */
interface LabTopology {
  /** Name of the lab. */
  readonly name: string;
  readonly plan: Plan;
  /** The topology as the command line has named it, resolved. */
  readonly named: string;
  readonly text: string;
  /** The Pulumi project's folder. */
  readonly project: string;
}

/** Removes the project of a lab that has ended. */
export function removeLabProject(name: string): void {
  rmSync(labProjectFolder(name), { recursive: true, force: true, maxRetries: 5 });
}

/** The lines for a shell that make Pulumi run a lab's project; undefined for a lab without one. */
export function labProjectEnvironment(name: string): string | undefined {
  try {
    return readFileSync(join(labProjectFolder(name), environmentFile), "utf8");
  } catch {
    return undefined;
  }
}
