import { Pins } from "../plan/pins.ts";
import type { Rule } from "./rule.ts";

/** A pinned port that nothing opens. */
export const unusedPort: Rule = {
  id: "unused-port",
  severity: "warning",
  summary: "A port is pinned for a peer that nobody outside its cluster dials.",
  why: "it is never opened; somebody will wait for traffic on it, or open a firewall for nothing",
  source: "guide: only the target's Service is exposed; the initiator needs no port",
  ignorable: true,
  *check({ topology, plan }) {
    const pins = new Pins(plan);
    const byReplication = Map.groupBy(plan.exposures, ({ replication }) => replication);
    for (const [name, { port }] of Object.entries(topology.replications)) {
      const replication = plan.replications.get(name);
      if (port === undefined || !replication) continue;
      const exposed = [...new Set((byReplication.get(name) ?? []).map(({ peer }) => peer))];
      if (typeof port === "number") {
        if (exposed.length === 1) continue;
        const what =
          exposed.length === 0
            ? "none of its targets is dialled from outside its cluster"
            : `it has ${exposed.length} exposed targets: ${exposed.join(", ")}`;
        const fix = exposed.length === 0 ? "leave `port` out" : `pin each: \`${pins.text(name)}\``;
        yield { path: ["replications", name, "port"], what, fix };
        continue;
      }
      for (const [peer, pin] of Object.entries(port)) {
        if (exposed.includes(peer)) {
          const ways = (byReplication.get(name) ?? []).filter((each) => each.peer === peer).map((each) => each.ingress);
          for (const way of typeof pin === "object" ? Object.keys(pin) : [])
            if (!ways.includes(way))
              yield {
                path: ["replications", name, "port", peer, way],
                part: "key",
                what: `"${peer}" is not exposed by "${way}"`,
                fix: `${Object.keys(pins.of(name)).length > 0 ? `write \`${pins.text(name)}\`` : "leave `port` out"}; it is exposed by: ${ways.join(", ")}`,
              };
          continue;
        }
        yield {
          path: ["replications", name, "port", peer],
          part: "key",
          what: `"${peer}" is not dialled from outside its cluster`,
          fix:
            exposed.length > 0
              ? `write \`${pins.text(name)}\`; the exposed targets are: ${exposed.join(", ")}`
              : "leave `port` out",
        };
      }
    }
  },
};
