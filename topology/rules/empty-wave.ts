import type { LabelSelector } from "../expand/schema.ts";
import { hasLabels } from "../expand/selections.ts";
import { suggestion } from "../findings/suggest.ts";
import { labelText } from "../plan/waves.ts";
import { valuesOf } from "../selection/label-values.ts";
import type { Rule } from "./rule.ts";

/** A canary that nobody is. */
export const emptyWave: Rule = {
  id: "empty-wave",
  severity: "error",
  summary: "A wave of `deploy` selects stacks by labels that no cluster and no peer has.",
  why: "the wave is skipped, so a change that it should have tried out first reaches all other stacks untried",
  source: "our own: `bigpeer deploy` goes through the stacks in the waves of the file",
  ignorable: true,
  *check({ topology, plan }) {
    // Of the topology, not of the plan: a peer whose cluster is misspelt has its labels all the same.
    const all = [
      ...Object.values(topology.clusters).map(({ labels }) => labels ?? {}),
      ...[...plan.lost.values()].map(({ labels }) => labels),
      ...Object.values(topology.peers).map(({ cluster, labels }) => ({
        ...topology.clusters[cluster]?.labels,
        ...labels,
      })),
    ];
    for (const [index, { labels }] of topology.waves.entries()) {
      if (!labels || all.some((each) => hasLabels(each, labels))) continue;
      yield {
        path: ["waves", index, "labels"],
        what: `no cluster or peer has the labels ${labelText(labels)}`,
        fix: nearestLabels(valuesOf(all), labels),
      };
    }
  },
};

function nearestLabels(known: ReadonlyMap<string, ReadonlySet<string>>, labels: LabelSelector): string {
  for (const [key, wanted] of Object.entries(labels)) {
    const values = known.get(key);
    if (!values) return known.size === 0 ? "give clusters or peers `labels`" : suggestion(key, known.keys(), "label");
    const texts = [wanted].flat().map(String);
    const [first] = texts;
    if (first !== undefined && texts.every((each) => !values.has(each)))
      return `${suggestion(first, values, "value")} (label ${key})`;
  }
  return "no single cluster or peer has all of them; choose by fewer labels";
}
