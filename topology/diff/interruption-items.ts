import { type Item, line } from "../../report/sections.ts";
import { count, names } from "../../report/words.ts";
import { restart } from "./replication-changes.ts";
import type { TopologyDiff } from "./schema.ts";

type Interruption = TopologyDiff["interruptions"][number];
type Changes = Pick<TopologyDiff, "interruptions" | "peers">;

/** A line for each cause, however many connections it breaks. */
export function interruptionItems({ interruptions, peers }: Changes): Item[] {
  return groupsOf(interruptions).map((group) => {
    const [one] = group;
    if (one && group.length === 1) {
      const reasons = one.reasons.map((reason) => line(" ", `  ${reason}`));
      return { lines: [line("!", `${one.replication}: ${one.peers.join(" and ")}`), ...reasons] };
    }
    const replications = [...new Set(group.map(({ replication }) => replication))];
    return { lines: [line("!", sentence(group, peers)), line(" ", `  of ${names(replications)}`)] };
  });
}

/** The same as sentences, for the open part of a comment. */
export function interruptionSentences({ interruptions, peers }: Changes): string[] {
  return groupsOf(interruptions).map((group) => {
    const [one] = group;
    return one && group.length === 1
      ? `The connection of ${one.replication} between ${one.peers.join(" and ")} breaks once: ${one.reasons.join("; ")}.`
      : `${sentence(group, peers)}.`;
  });
}

function groupsOf(interruptions: readonly Interruption[]): Interruption[][] {
  return [...Map.groupBy(interruptions, ({ kinds }) => JSON.stringify(kinds)).values()];
}

function sentence(group: readonly Interruption[], peers: TopologyDiff["peers"]): string {
  const kinds = group[0]?.kinds ?? [];
  const ends = new Set(group.flatMap((each) => each.peers));
  if (!kinds.every((kind) => kind.startsWith(restart)))
    return `${count(group.length, "connection")} between ${count(ends.size, "peer")} (${names([...ends])}) break once: ${kinds.join("; ")}`;
  const restarting = peers.filter(
    ({ name, fields }) => ends.has(name) && fields.some(({ path }) => path === "version"),
  );
  const versions = kinds.map((kind) => kind.slice(restart.length)).join(", ");
  return `${count(restarting.length, "peer")} restart, ${versions} (${names(restarting.map(({ name }) => name))}); their ${count(group.length, "connection")} break while an end restarts`;
}
