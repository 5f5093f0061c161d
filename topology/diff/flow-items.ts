import type { TopologyDiff } from "./schema.ts";
import type { Item, Mark } from "./sections.ts";

/** Documents between two sets of peers, in one line however many there are. */
interface FlowGroup {
  readonly effect: TopologyDiff["flows"][number]["effect"];
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
  rewrites: "other queries, same sample documents",
};

/** What flows between linked peers, then what comes to a peer over others. */
export function flowItems({ flows, arrivals, arrivalsComplete }: TopologyDiff): Item[] {
  const direct = grouped(flows).map(({ effect, collection, app, before, after, from, to }): Item => {
    const head = `${collection} (${app})  ${names(from)} -> ${names(to)}`;
    if (effect === "starts" || effect === "stops") {
      const queries = effect === "starts" ? after : before;
      return { lines: [{ mark: markOf[effect], text: `${head}: ${queries.join(" OR ")}` }] };
    }
    const added = after.filter((query) => !before.includes(query));
    const removed = before.filter((query) => !after.includes(query));
    return {
      lines: [
        { mark: markOf[effect], text: `${head}: ${words[effect]}` },
        ...removed.map((query) => ({ mark: "-" as const, text: `  ${query}` })),
        ...added.map((query) => ({ mark: "+" as const, text: `  ${query}` })),
      ],
    };
  });
  const indirect = arrivals.map(({ effect, collection, app, query, sample, from, to }): Item => {
    const text = `${collection} (${app})  ${names(from)} -> ${names(to)}, over others: ${sample === undefined || sample === "{}" ? query : `such as ${sample}`}`;
    return { lines: [{ mark: effect === "starts" ? "+" : "-", text }] };
  });
  const note = "there are too many connections to follow every document over other peers";
  return [...direct, ...indirect, ...(arrivalsComplete ? [] : [{ lines: [{ mark: " " as const, text: note }] }])];
}

/** First all senders of one receiver, then all receivers of the same senders. */
function grouped(flows: TopologyDiff["flows"]): FlowGroup[] {
  const what = ({ effect, app, collection, before, after }: Omit<FlowGroup, "from" | "to">) =>
    JSON.stringify([effect, app, collection, before, after]);
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

const maxNames = 6;

/** Some of them by name, and how many more. */
export function names(peers: readonly string[]): string {
  if (peers.length <= maxNames) return peers.join(", ");
  return `${peers.slice(0, maxNames - 1).join(", ")} and ${peers.length - maxNames + 1} more`;
}
