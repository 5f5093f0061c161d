import { parsePredicate, printExpression, shapeOf } from "../../dql/index.ts";
import type { Queries } from "../file/queries.ts";
import type { PlannedReplication, PlannedSide } from "../plan/plan.ts";
import type { Rule } from "./rule.ts";

/** Fewer replications are quickly written by hand, and may be separate on purpose. */
const leastSpokes = 5;

/** Finds replications that a single replication with a hub would replace. */
export const replicationPerSpoke: Rule = {
  id: "replication-per-spoke",
  severity: "note",
  summary: "Several replications connect one hub with one spoke each, and their queries differ only in values.",
  why: "each needs its own object on the hub, and its own port if the spoke dials from another cluster; a single replication needs one of each for any number of spokes",
  source: "guide: any number of peers connect to one target",
  ignorable: true,
  *check({ plan }) {
    const around = [...plan.replications.values()].flatMap((replication) => {
      const hub = hubOf(replication);
      return hub ? [{ replication, ...hub, key: keyOf(replication, hub) }] : [];
    });
    for (const group of Map.groupBy(around, ({ key }) => key).values()) {
      const [first] = group;
      const spokes = new Set(group.map(({ spoke }) => spoke.peer));
      if (!first || spokes.size < leastSpokes) continue;
      // In a mesh, a peer that several others dial is not their hub. A peer trusts every peer that it has a link with.
      if ([...spokes].some((spoke) => plan.peers.get(spoke)?.trusts.some(({ peer }) => spokes.has(peer)))) continue;
      const up = differ(group.map(({ hub }) => hub));
      const down = differ(group.map(({ spoke }) => spoke));
      const { replication, hub } = first;
      yield {
        path: ["replications", replication.name],
        part: "key",
        what: `this and ${group.length - 1} more replications of "${replication.app}" connect "${hub.peer}" with one peer each, and their queries ${up || down ? "differ only in values" : "are the same"}`,
        fix: [
          `write one replication with \`hub: ${hub.peer}\` and all of these peers as its spokes`,
          ...(down
            ? ["in `down`, use a label of each spoke for the value that differs, as in `{spoke.labels.store}`"]
            : []),
          ...(up ? ["in `up`, write one query that fits all of them"] : []),
        ].join("; "),
      };
    }
  },
};

function differ(sides: readonly PlannedSide[]): boolean {
  return new Set(sides.map(({ subscribes }) => JSON.stringify(subscribes))).size > 1;
}

interface Sides {
  readonly hub: PlannedSide;
  readonly spoke: PlannedSide;
}

/** The side that is dialled and the side that dials; undefined if a replication does not have exactly one of each. */
function hubOf({ sides }: PlannedReplication): Sides | undefined {
  const [hub, ...targets] = sides.filter(({ target }) => target);
  const [spoke, ...others] = sides.filter(({ target }) => !target);
  return hub && spoke && targets.length === 0 && others.length === 0 ? { hub, spoke } : undefined;
}

/** Replications with the same key could be a single one. */
function keyOf({ app, paused, spec }: PlannedReplication, { hub, spoke }: Sides): string {
  return JSON.stringify([app, hub.peer, paused, spec, shapesOf(hub.subscribes), shapesOf(spoke.subscribes)]);
}

function shapesOf(queries: Queries): [string, string[]][] {
  return Object.entries(queries)
    .map(([collection, texts]): [string, string[]] => [collection, texts.map(shapeText)])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function shapeText(text: string): string {
  const parsed = parsePredicate(text);
  return parsed.ok ? printExpression(shapeOf(parsed.expression)) : text;
}
