import { kubectlFor } from "../../topology/objects/kubectl.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import type { ExplainedLink } from "../link.ts";
import type { LinkSeen } from "../link-seen.ts";
import { kubectl, nameOf, targetService } from "../objects-of-link.ts";
import { broken, holds, unknown, type Verdict } from "../verdict.ts";

/** Judges whether the target's cluster leads a connection to the target. */
export function exposureLayer(plan: Plan, link: ExplainedLink, seen: LinkSeen): Verdict {
  const { exposure } = link;
  const service = targetService(link, plan);
  const found = seen.live(service);
  if ("object" in found && found.object === undefined) {
    const { namespace, deployment } = plan.operator.managementApi;
    return broken(
      "exposure",
      `the operator has not created ${nameOf(service)}, to which ${link.target.peer}'s replication port belongs`,
      `${kubectlFor(plan, service.cluster)} -n ${namespace} logs deployment/${deployment}`,
    );
  }
  if ("unknown" in found) return unknown("exposure", found.unknown, kubectl(plan, "get", service));
  if (!exposure) return holds("exposure", `${nameOf(service)} is there; within a cluster it is dialled itself`);
  if ("unknown" in seen.exposure) return unknown("exposure", seen.exposure.unknown);
  const [fault] = seen.exposure;
  if (fault) return broken("exposure", fault.what, fault.mend);
  if (exposure.way.kind === "address")
    return unknown(
      "exposure",
      `somebody else exposes ${link.target.peer} at ${seen.address}, so what leads from there to ${nameOf(service)} is not in the topology`,
    );
  return holds("exposure", `port ${exposure.port} of cluster "${exposure.cluster}" leads to ${nameOf(service)}`);
}
