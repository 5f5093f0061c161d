import type {
  Plan,
  PlannedConnection,
  PlannedExposure,
  PlannedReplication,
  PlannedSide,
} from "../topology/plan/plan.ts";
import { exposureOf } from "../topology/plan/share.ts";
import type { Direction } from "./verdict.ts";

/** Two peers that a replication links, with all that the plan says of the connection between them. */
export interface ExplainedLink {
  readonly replication: PlannedReplication;
  /** The side that dials. */
  readonly initiator: PlannedSide;
  readonly target: PlannedSide;
  readonly connection: PlannedConnection;
  /** What exposes the target; undefined within one cluster. */
  readonly exposure: PlannedExposure | undefined;
  /** The directions in which documents are to flow. */
  readonly directions: readonly Direction[];
}

/**
 * The links of a replication.
 * @param asked peers between which documents are to flow; undefined: any. A direction that is asked for is explained even if nothing is to flow in it
 */
export function linksOf(
  plan: Plan,
  replication: PlannedReplication,
  asked: Partial<Direction> = {},
): readonly ExplainedLink[] {
  const { from, to } = asked;
  return replication.links.flatMap(({ initiator, target }): ExplainedLink[] => {
    const sideOf = (peer: string) => replication.sides.find((side) => side.peer === peer);
    const [dialling, dialled] = [sideOf(initiator), sideOf(target)];
    const connection = dialling?.connections.find(({ peer }) => peer === target);
    if (!dialling || !dialled || !connection) return [];
    const both = [
      { from: initiator, to: target },
      { from: target, to: initiator },
    ];
    const wanted = both.filter((each) => (from ?? each.from) === each.from && (to ?? each.to) === each.to);
    if (wanted.length === 0) return [];
    const flowing = wanted.filter((each) => Object.keys(sideOf(each.to)?.subscribes ?? {}).length > 0);
    const directions = from !== undefined && to !== undefined ? wanted : flowing;
    const { address } = connection;
    const exposure = address.kind === "in-cluster" ? undefined : exposureOf(plan, address.exposure);
    return [{ replication, initiator: dialling, target: dialled, connection, exposure, directions }];
  });
}

/** A plan with the peers and the replication of a link alone: all that has to be read to explain it. */
export function planOfLink(plan: Plan, { replication, initiator, target }: ExplainedLink): Plan {
  const pair = [initiator.peer, target.peer];
  const peers = [...plan.peers.values()]
    .filter(({ name }) => pair.includes(name))
    .map((peer) => ({ ...peer, trusts: peer.trusts.filter((trusted) => pair.includes(trusted.peer)) }));
  const links = replication.links.filter((each) => each.initiator === initiator.peer && each.target === target.peer);
  const exposures = plan.exposures.filter((each) => each.replication === replication.name && each.peer === target.peer);
  return {
    ...plan,
    exposures,
    peers: new Map(peers.map((peer) => [peer.name, peer])),
    replications: new Map([[replication.name, { ...replication, sides: [initiator, target], links }]]),
  };
}
