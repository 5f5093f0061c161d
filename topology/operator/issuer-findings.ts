import { type CaIssuer, certManagerGroup } from "../file/ca-issuer.ts";
import { Finding } from "../findings/finding.ts";
import { kubectlFor } from "../objects/kubectl.ts";
import { issuerText } from "../plan/issuers.ts";
import type { Plan } from "../plan/plan.ts";
import { shareOf } from "../plan/share.ts";
import { live } from "../rules/live.ts";
import { valueAt } from "../value-at.ts";
import type { Definition } from "./custom-resource-definition.ts";

/** An issuer that the Big Peers of a cluster need. */
export interface NeededIssuer {
  readonly issuer: CaIssuer;
  /** Namespace in which it has to be; undefined: it belongs to the whole cluster. */
  readonly namespace: string | undefined;
  /** The Big Peers that need it. */
  readonly peers: readonly string[];
}

/** What was found of an issuer: the object, undefined where there is none, or why nobody knows. */
export type IssuerSeen = { readonly object: unknown } | { readonly unread: string; readonly remedy: string };

/** The issuers that sign the CAs of a cluster's Big Peers, each once. An `Issuer` belongs to the namespace of its Big Peers. */
export function neededIssuers(plan: Plan, cluster: string): NeededIssuer[] {
  const wanted = shareOf(plan, cluster).peers.flatMap(({ name, namespace, issuer }) => {
    if (!issuer) return [];
    return [{ name, issuer, namespace: isOfWholeCluster(issuer) ? undefined : namespace }];
  });
  const alike = Map.groupBy(wanted, ({ issuer, namespace }) => `${namespace ?? ""}/${issuerText(issuer)}`);
  return [...alike.values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ issuer: first.issuer, namespace: first.namespace, peers: same.map(({ name }) => name) }] : [];
  });
}

/** External issuers follow cert-manager's names: `AWSPCAClusterIssuer` beside `AWSPCAIssuer`. */
function isOfWholeCluster({ kind }: CaIssuer): boolean {
  return kind.endsWith("ClusterIssuer");
}

/** The version in which a cluster serves the kind of an issuer; undefined where it does not. */
export function issuerVersion({ kind, group }: CaIssuer, definitions: readonly Definition[]): string | undefined {
  return definitions
    .find((definition) => definition.kind === kind && definition.group === group)
    ?.versions.find(({ served }) => served)?.name;
}

/** What is wrong with an issuer in a cluster. Pure.
 * @param seen undefined where the cluster does not serve its kind */
export function issuerFindings(
  plan: Plan,
  cluster: string,
  { issuer, namespace, peers }: NeededIssuer,
  seen: IssuerSeen | undefined,
): Finding[] {
  const [first = ""] = peers;
  const text = `${issuerText(issuer)}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
  const found = (what: string, fix: string, why?: string) => [
    new Finding(live.issuerMissing, { path: ["peers", first], what, fix, ...(why === undefined ? {} : { why }) }),
  ];
  if (seen === undefined)
    return found(
      `cluster "${cluster}" does not serve ${issuer.kind} of ${issuer.group}, and ${first} needs ${text}`,
      issuer.group === certManagerGroup
        ? "install cert-manager there, or write the kind that it has: ClusterIssuer or Issuer"
        : "install that issuer's controller there, or correct `kind` and `group` of `caIssuer`",
    );
  if ("unread" in seen)
    return found(
      seen.unread,
      seen.remedy,
      "it is unknown whether cert-manager will issue the CAs of the Big Peers there",
    );
  if (seen.object === undefined)
    return found(
      `cluster "${cluster}" has no ${text}, which ${first} needs`,
      `create it there with the CA that the other clusters have, or correct \`caIssuer\``,
    );
  const conditions = valueAt(seen.object, ["status", "conditions"]);
  const ready = (Array.isArray(conditions) ? conditions : []).find(
    (each: unknown) => valueAt(each, ["type"]) === "Ready",
  );
  if (ready === undefined || valueAt(ready, ["status"]) === "True") return [];
  const message = valueAt(ready, ["message"]);
  return found(
    `${text} of cluster "${cluster}" is not Ready${typeof message === "string" && message !== "" ? `: ${message}` : ""}`,
    `see why: ${kubectlFor(plan, cluster)}${namespace === undefined ? "" : ` -n ${namespace}`} describe ${issuer.kind.toLowerCase()}.${issuer.group} ${issuer.name}`,
  );
}
