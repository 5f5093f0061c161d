import type { Rule } from "./rule.ts";

/** A connection over which nothing would ever come. */
export const nobodySubscribes: Rule = {
  id: "nobody-subscribes",
  severity: "error",
  summary: "No member of a replication subscribes to anything.",
  why: "the connection is made and stays healthy, and no document ever flows over it",
  source: "API: empty or absent queriesByCollection subscribes to nothing and receives nothing",
  ignorable: false,
  *check({ topology, plan }) {
    for (const { name, sides, form } of plan.replications.values()) {
      // Queries under the key of another form are found by replication-form.
      const { queries, up, down, perSpoke } = topology.replications[name] ?? {};
      if (form === "hub" ? queries : (up ?? down ?? perSpoke)) continue;
      if (sides.some((side) => Object.keys(side.subscribes).length > 0)) continue;
      const key = form === "hub" ? "`up` or `down`" : "`queries`";
      yield {
        path: ["replications", name],
        part: "key",
        what: "nobody subscribes to anything",
        fix: `add ${key}, for example { <collection>: ["true"] } for a whole collection`,
      };
    }
  },
};
