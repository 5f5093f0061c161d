import type { RuleDescription } from "../findings/rule-description.ts";
import type { Severity } from "../findings/severity.ts";

const source = "our own: `clusters.<name>.stack`, and the `Pulumi.<stack>.yaml` files of the project";

/** The rules on which stack of a topology owns which cluster. They need no example file. */
export const ownership = {
  configuration: described(
    "configuration",
    "A stack's configuration names a cluster that the topology does not have.",
    "the stack would own different clusters than you mean, and leave or delete what is on them",
  ),
  ownershipDiffers: described(
    "ownership-differs",
    "A stack's `bigpeer:clusters` differs from the topology's `clusters.<name>.stack`.",
    "two stacks would create and delete the same Big Peers in one cluster, or nobody would look after another",
  ),
  stackNotNamed: described(
    "stack-not-named",
    "No cluster of the topology names the stack, though clusters name others.",
    "the stack would own nothing, and an update would delete whatever it has made",
  ),
  clusterOwnedTwice: described(
    "cluster-owned-twice",
    "Two stacks of the project own one cluster.",
    "both create the same Big Peers and apps; each reverts what the other changes, and destroying one deletes the documents of both",
  ),
  clusterNotOwned: described(
    "cluster-not-owned",
    "No stack of the project owns a cluster of its topology.",
    "nobody creates the Big Peers there, and peers that link to them wait forever",
  ),
  stackNotSetUp: described(
    "stack-not-set-up",
    "A cluster names a stack of this project that has no `Pulumi.<stack>.yaml` here.",
    "`deploy` and `preview` run only the stacks that have such a file, so they would silently leave this one out",
    "warning",
  ),
} satisfies Readonly<Record<string, RuleDescription>>;

export const ownershipRules: readonly RuleDescription[] = Object.values(ownership);

function described(id: string, summary: string, why: string, severity: Severity = "error"): RuleDescription {
  return { id, severity, summary, why, source, ignorable: false };
}
