import { getStack, runtime } from "@pulumi/pulumi";
import { shareFingerprint } from "../topology/objects/stack-share.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { configFingerprint, isConfigOfFiles } from "./config-fingerprint.ts";
import type { Configuration } from "./configuration.ts";
import type { StackReading } from "./other-stacks.ts";
import { programFingerprint } from "./program-fingerprint.ts";
import { readFingerprint } from "./read-fingerprint.ts";
import type { StackExports } from "./stack-exports.ts";

/**
 * What this update is made from, as fingerprints, so that `bigpeer deploy` need not start a stack whose next update would be made from the same.
 * @returns undefined where something that cannot be compared goes into the update, such as a program's own code
 */
export function madeFrom(
  { plan, owned, configuration }: { plan: Plan; owned: ReadonlySet<string>; configuration: Configuration },
  others: ReadonlyMap<string, StackReading>,
  generated: readonly string[],
): StackExports["madeFrom"] {
  if (!configuration.onlyFiles || !isConfigOfFiles(getStack(), process.cwd(), runtime.allConfig())) return undefined;
  const share = shareFingerprint(plan, owned, generated);
  const config = configFingerprint(getStack(), process.cwd());
  const program = programFingerprint(process.cwd());
  if (share === undefined || config === undefined || program === undefined) return undefined;
  return { share, config, program, read: readFingerprint(plan, owned, (cluster) => others.get(cluster)?.exports) };
}
