import type { Item, Mark } from "../../report/sections.ts";
import { names } from "../../report/words.ts";
import type { TopologyDiff } from "./schema.ts";

/** Documents between two sets of peers, in one line however many there are. */
export interface FlowGroup {
  readonly effect: TopologyDiff["flows"][number]["effect"];
  readonly sampled: boolean;
  readonly overOthers?: "all" | "some" | undefined;
  readonly collection: string;
  readonly app: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const markOf: Record<FlowGroup["effect"], Mark> = {
  starts: "+",
  stops: "-",
  widens: "!",
  narrows: "!",
  turns: "!",
  rewrites: "!",
};

const words = {
  widens: "more documents",
  narrows: "fewer documents",
  turns: "other documents",
  rewrites: "other queries, same documents",
};

/** The addition where only samples were judged. */
export const bySamples = " (judged by samples)";

/** The addition where the same documents come via other peers, too. */
export const detours = {
  starts: { all: " (came via others before, by samples)", some: " (some came via others before, by samples)" },
  widens: { all: " (they came via others before, by samples)", some: " (some came via others before, by samples)" },
  stops: { all: " (still comes via others, by samples)", some: " (some still comes via others, by samples)" },
  narrows: {
    all: " (the rest still comes via others, by samples)",
    some: " (some of the rest still comes via others, by samples)",
  },
};

/** A remark for documents that are not all that arrive. */
const amongOthers = { starts: "", stops: "", widens: "now ", narrows: "no longer " };

/** The flows between linked peers, then the documents that come to a peer via others. */
export function flowItems({ flows, arrivals, arrivalsComplete }: TopologyDiff): Item[] {
  const direct = flowGroups(flows).map((group): Item => {
    const { effect, collection, app, before, after, from, to, sampled, overOthers } = group;
    const head = `${collection} (${app})  ${names(from)} -> ${names(to)}`;
    const detour =
      overOthers === undefined || effect === "turns" || effect === "rewrites" ? "" : detours[effect][overOthers];
    if (effect === "starts" || effect === "stops") {
      const queries = effect === "starts" ? after : before;
      return { lines: [{ mark: markOf[effect], text: `${head}: ${queries.join(" OR ")}${detour}` }] };
    }
    const added = after.filter((query) => !before.includes(query));
    const removed = before.filter((query) => !after.includes(query));
    return {
      lines: [
        { mark: markOf[effect], text: `${head}: ${words[effect]}${sampled ? bySamples : ""}${detour}` },
        ...removed.map((query) => ({ mark: "-" as const, text: `  ${query}` })),
        ...added.map((query) => ({ mark: "+" as const, text: `  ${query}` })),
      ],
    };
  });
  const indirect = arrivals.map(({ effect, collection, app, query, sample, from, to }): Item => {
    const known = sample !== undefined && sample !== "{}";
    const one = known
      ? `such as ${sample}`
      : effect === "starts" || effect === "stops"
        ? query
        : `some that match ${query}`;
    const text = `${collection} (${app})  ${names(from)} -> ${names(to)}, via others: ${amongOthers[effect]}${one}`;
    return { lines: [{ mark: markOf[effect], text }] };
  });
  const note = "there are too many connections to follow every document via other peers";
  return [...direct, ...indirect, ...(arrivalsComplete ? [] : [{ lines: [{ mark: " " as const, text: note }] }])];
}

/** First all senders of one receiver, then all receivers of the same senders. */
export function flowGroups(flows: TopologyDiff["flows"]): FlowGroup[] {
  const what = ({ effect, sampled, overOthers, app, collection, before, after }: Omit<FlowGroup, "from" | "to">) =>
    JSON.stringify([effect, sampled, overOthers, app, collection, before, after]);
  const bySenders = merge(
    flows.map((flow): FlowGroup => ({ ...flow, from: [flow.from], to: [flow.to] })),
    (flow) => `${what(flow)}${flow.to.join()}`,
  );
  return merge(bySenders, (flow) => `${what(flow)}${[...flow.from].sort().join()}`);
}

function merge(flows: readonly FlowGroup[], same: (flow: FlowGroup) => string): FlowGroup[] {
  return [...Map.groupBy(flows, same).values()].flatMap((group) =>
    group.slice(0, 1).map((first) => ({
      ...first,
      from: [...new Set(group.flatMap(({ from }) => from))],
      to: [...new Set(group.flatMap(({ to }) => to))],
    })),
  );
}
