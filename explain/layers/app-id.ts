import type { Plan } from "../../topology/plan/plan.ts";
import { fieldAt } from "../../topology/value-at.ts";
import type { ExplainedLink } from "../link.ts";
import type { LinkSeen } from "../link-seen.ts";
import { nameOf, seenApp } from "../objects-of-link.ts";
import { broken, holds, unknown, type Verdict } from "../verdict.ts";
import { refresh } from "./objects.ts";

/** Both ends of a replication need the same app ID (guide): each address leads to the replication server of one app. */
export function appIdLayer(plan: Plan, { replication, initiator, target }: ExplainedLink, seen: LinkSeen): Verdict {
  const ends = [initiator, target].map((side) => {
    const { ref, object } = seenApp(plan, side, seen);
    const id: unknown = fieldAt(object, plan.operator.fields.app.appId);
    return { side, ref, object, id: typeof id === "string" ? id.toLowerCase() : undefined };
  });
  const unread = ends.find(({ object }) => object === undefined);
  if (unread) return unknown("app ID", `${nameOf(unread.ref)} could not be read`);
  const without = ends.find(({ id }) => id === undefined);
  if (without) return broken("app ID", `${nameOf(without.ref)} has no app ID`, refresh(plan, without.side.cluster));
  const [one, other] = ends;
  if (one?.id === other?.id) return holds("app ID", `${one?.id} on both`);
  const app = plan.apps.get(replication.app);
  const declared = app?.id?.toLowerCase();
  const owner = plan.peers.get(app?.idOwner ?? "")?.cluster;
  // Where the file gives none, the stack that made the ID has the right one.
  const wrong = ends.filter(({ id, side }) => (declared === undefined ? side.cluster !== owner : id !== declared));
  const clusters = [...new Set((wrong.length > 0 ? wrong : ends).map(({ side }) => side.cluster))];
  return broken(
    "app ID",
    `the app ID is ${ends.map(({ id, side }) => `${id} on ${side.peer}`).join(" and ")}`,
    clusters.map((cluster) => refresh(plan, cluster)).join(", then "),
  );
}
