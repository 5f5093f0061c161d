import type { ListedStack, StackState } from "../../engine/stack-states.ts";
import { readFingerprint, tokenSources } from "../../program/read-fingerprint.ts";
import { exportsInNamesOf } from "../../program/renamed-clusters.ts";
import { type StackExports, stackExports } from "../../program/stack-exports.ts";
import { shareFingerprint } from "../../topology/objects/stack-share.ts";
import { isStack, ownedClusters, type StackSettings } from "../../topology/plan/ownership.ts";
import type { Plan } from "../../topology/plan/plan.ts";

/** What decides whether a stack of an environment has to be started. */
export interface StackFacts {
  readonly settings: Pick<StackSettings, "name" | "clusters">;
  /** The fingerprint of its configuration; undefined: it cannot be told from the files. */
  readonly config: string | undefined;
  /** What the backend says of it; undefined: nothing, or it could not be asked. */
  readonly listed: ListedStack | undefined;
  readonly state: StackState | undefined;
}

/** Longer than the clocks of a backend and of a machine differ, and shorter than it takes to edit a state by hand. */
const clockSkewMs = 60_000;

/**
 * The stacks that have to be started, each with the reason. All others need nothing: their next update would be made from the same share of
 * the plan, configuration, program and outputs of other stacks as the last one, which has succeeded and left nothing pending. Whatever cannot be
 * known is a reason to start.
 * @param program the fingerprint of the program; undefined: it is not known what the program does
 */
export function neededStacks(
  plan: Plan,
  facts: ReadonlyMap<string, StackFacts>,
  program: string | undefined,
): Map<string, string> {
  const said = new Map([...facts].map(([stack, { state }]) => [stack, exportsOf(plan, state)]));
  const ownerOf = (cluster: string) => {
    const named = plan.clusters.get(cluster)?.stack;
    return named === undefined ? undefined : [...facts].find(([, { settings }]) => isStack(named, settings.name))?.[0];
  };
  const owners = new Map([...plan.clusters.keys()].map((cluster) => [cluster, ownerOf(cluster)]));
  const needed = new Map<string, string>();
  for (const [stack, { settings, config, listed, state }] of facts) {
    const exports = said.get(stack);
    const unsettled = whyUnsettled(listed, state, exports);
    if (unsettled !== undefined) needed.set(stack, unsettled);
    if (unsettled !== undefined || !exports?.madeFrom) continue;
    const owned = ownedClusters(new Map([...plan.clusters, ...plan.lost]), settings);
    const read = readFingerprint(plan, owned, (cluster) => said.get(owners.get(cluster) ?? ""));
    const before = exports.madeFrom;
    const later = [...tokenSources(plan, owned)].find((cluster) =>
      isLater(facts.get(owners.get(cluster) ?? "")?.state, state),
    );
    const reason =
      program !== before.program
        ? "the program has a different version"
        : config !== before.config
          ? "its configuration has changed"
          : shareFingerprint(plan, owned, exports.generated ?? []) !== before.share
            ? "its part of the topology has changed"
            : read !== before.read
              ? "another stack has exported something new since"
              : later && `it takes a token from the stack of cluster ${later}, which was updated later`;
    if (reason !== undefined) needed.set(stack, reason);
  }
  return needed;
}

function exportsOf(plan: Plan, state: StackState | undefined): StackExports | undefined {
  const parsed = stackExports.safeParse(state?.outputs.topology);
  return parsed.success ? exportsInNamesOf(plan, parsed.data) : undefined;
}

/** Why a stack has to be started whatever its next update is made from. */
function whyUnsettled(
  listed: ListedStack | undefined,
  state: StackState | undefined,
  exports: StackExports | undefined,
): string | undefined {
  if (!listed) return "it has not been deployed yet";
  if (listed.updateInProgress) return "an update of it is in progress";
  if (!state) return "its state could not be read";
  const { last, writtenAt, unfinished, outputs } = state;
  if (unfinished !== undefined) return unfinished;
  if (!exports?.madeFrom) return "its outputs do not say what it was made from";
  if (!last) return "it has no history";
  if (last.kind !== "update") return `the last operation was not an update but: ${last.kind}`;
  if (last.result !== "succeeded") return `its last update is ${last.result}`;
  if (!(Date.parse(writtenAt ?? "") <= Date.parse(last.endTime) + clockSkewMs))
    return "its state was edited after its last update";
  // Anything but an empty list, such as a value that is not there.
  if (!Array.isArray(outputs.pending) || outputs.pending.length > 0) return "something in it is pending";
  return undefined;
}

/** True if one state may have been written after another one's update began. */
function isLater(state: StackState | undefined, than: StackState | undefined): boolean {
  const written = Date.parse(state?.writtenAt ?? "");
  return !(written + clockSkewMs < Date.parse(than?.last?.startTime ?? ""));
}
