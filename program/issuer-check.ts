import type { LiveReference } from "../kubernetes/read-object.ts";
import type { Finding } from "../topology/findings/finding.ts";
import type { Definition } from "../topology/operator/custom-resource-definition.ts";
import { type IssuerSeen, issuerFindings, issuerVersion, neededIssuers } from "../topology/operator/issuer-findings.ts";
import type { Plan } from "../topology/plan/plan.ts";
import type { ClusterSource } from "./contract-check.ts";

/** Asks a cluster for the issuers that sign the CAs of its Big Peers. One that nobody needs is not asked for. */
export async function issuerCheck(
  plan: Plan,
  source: ClusterSource,
  definitions: readonly Definition[],
): Promise<Finding[]> {
  const found = await Promise.all(
    neededIssuers(plan, source.cluster).map(async (needed) => {
      const { issuer, namespace } = needed;
      const version = issuerVersion(issuer, definitions);
      const seen =
        version === undefined
          ? undefined
          : await look(source, {
              ...{ apiVersion: `${issuer.group}/${version}`, kind: issuer.kind, name: issuer.name },
              ...(namespace === undefined ? {} : { namespace }),
            });
      return issuerFindings(plan, source.cluster, needed, seen);
    }),
  );
  return found.flat();
}

async function look(source: ClusterSource, reference: LiveReference): Promise<IssuerSeen> {
  const [{ readObject }, { unreadable }] = await Promise.all([
    import("../kubernetes/read-object.ts"),
    import("../kubernetes/unreadable.ts"),
  ]);
  try {
    return { object: await readObject(source, reference) };
  } catch (error) {
    const { what, remedy } = unreadable(`${reference.kind} ${reference.name}`, error, source);
    return { unread: what, remedy };
  }
}
