import { liveConditions } from "../../status/live-conditions.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { diallerOf } from "../dialler-words.ts";
import type { ExplainedLink } from "../link.ts";
import type { LinkSeen } from "../link-seen.ts";
import { kubectl, nameOf, objectsOf, seenReplication } from "../objects-of-link.ts";
import { broken, holds, unknown, type Verdict } from "../verdict.ts";

/** What the operators of both clusters say. That a link is not connected is a symptom: the layers below say why. */
export function conditionsLayer(plan: Plan, link: ExplainedLink, seen: LinkSeen): Verdict {
  const said = objectsOf(plan, link).flatMap(({ ref, condition }) => {
    const found = seen.live(ref);
    if (condition === undefined || !("object" in found) || found.object === undefined) return [];
    return [{ ref, ready: liveConditions(found.object, condition).ready }];
  });
  const failing = said.find(({ ready }) => ready && !ready.holds);
  if (failing)
    return broken(
      "conditions",
      `${nameOf(failing.ref)} is not ready: ${failing.ready?.message}`,
      kubectl(plan, "describe", failing.ref),
    );
  const dialler = diallerOf(plan, link, seen);
  const { ref } = seenReplication(plan, link.initiator, seen);
  if (dialler.connected === false)
    return {
      ...broken(
        "conditions",
        `the operator of cluster "${ref.cluster}" says that ${nameOf(ref)} is not connected: ${dialler.message}`,
        kubectl(plan, "describe", ref),
      ),
      symptom: true,
    };
  if (said.length === 0) return unknown("conditions", "no object of the link could be read");
  const silent = said.filter(({ ready }) => ready === undefined).map((each) => nameOf(each.ref));
  if (silent.length > 0 && silent.length === said.length)
    return unknown(
      "conditions",
      "the operators report nothing about these objects (conditions came with operator 0.17.0)",
    );
  const connected = dialler.connected ? `, and ${link.initiator.peer} is connected` : "";
  const rest = silent.length > 0 ? `; nothing is reported about ${silent.join(", ")}` : "";
  return holds("conditions", `the operators report that everything is ready${connected}${rest}`);
}
