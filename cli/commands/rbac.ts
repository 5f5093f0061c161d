import { stringify } from "yaml";
import { TopologyError } from "../../topology/findings/finding.ts";
import { deployGrants, type Grant, verifyGrants, watchGrants } from "../../topology/objects/access.ts";
import { type AccessManifest, accessManifests, type Subject } from "../../topology/objects/access-manifests.ts";
import { kubectlOf, shellWord } from "../../topology/objects/kubectl.ts";
import type { Plan, PlannedCluster } from "../../topology/plan/plan.ts";
import { planInNamesOf } from "../../topology/plan/renamed-clusters.ts";
import { tokenOwner } from "../live/token-owner.ts";
import { assertCluster } from "../topology/assert-cluster.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { readRevision } from "../topology/topology-revision.ts";
import { UsageError } from "../usage-error.ts";

interface RbacOptions {
  readonly stack?: string;
  readonly cluster?: string;
  /** The command that is to be allowed. */
  readonly for: "up" | "verify" | "watch";
  readonly managementToken?: string;
  readonly name?: string;
  readonly serviceAccount?: string;
  readonly user?: string;
  readonly group?: string;
  readonly json?: boolean;
}

/** `bigpeer rbac`: what a program needs in each cluster, as Kubernetes objects. Several topologies: what a change from one to the next needs.
 * @returns 0 */
export async function rbacCommand(topologies: readonly string[], options: RbacOptions): Promise<number> {
  const named = topologies.length > 0 ? topologies : [topologyFile(undefined, options.stack)];
  const read = await Promise.all(named.map(planOf));
  const last = read.at(-1);
  // A cluster that they call differently has one Role for all of them: a second one of its name would take the place of the first.
  const plans = last ? read.map((plan) => planInNamesOf(last, plan)) : [];
  const clusters = new Map(plans.flatMap((plan) => [...plan.clusters]));
  assertCluster(options.cluster, clusters.keys());
  const granted = [...clusters.values()]
    .filter(({ name }) => options.cluster === undefined || name === options.cluster)
    .map((cluster) => ({ cluster, objects: objectsOf(plans, cluster, options) }));
  const told = granted.map(({ cluster: { name, context }, objects }) => ({ cluster: name, context, objects }));
  const again = (cluster: string) => sameCommand(named, cluster, options);
  if (options.json) console.log(JSON.stringify({ version: 1, clusters: told }, null, 2));
  else
    console.log(
      granted
        .map(({ cluster, objects }) => documents(cluster, objects, again(cluster.name)))
        .join("---\n")
        .trimEnd(),
    );
  return 0;
}

async function planOf(argument: string): Promise<Plan> {
  const { plan, findings, absent } = await readRevision(argument);
  if (absent !== undefined)
    throw new UsageError(`${argument} is not there: ${absent}. Leave it out where the topology is new`);
  if (!plan) throw new TopologyError(findings);
  return plan;
}

function objectsOf(plans: readonly Plan[], cluster: PlannedCluster, options: RbacOptions): AccessManifest[] {
  const owner = tokenOwner(options.managementToken);
  const account = owner === "user" ? undefined : owner;
  const grantsOf = (plan: Plan, name: string): Grant[] => {
    if (options.for === "up") return deployGrants(plan, name);
    return (options.for === "verify" ? verifyGrants : watchGrants)(plan, name, account);
  };
  const grants = plans.flatMap((plan) => grantsOf(plan, cluster.name));
  const name = options.name ?? (options.for === "up" ? "bigpeer-topology" : `bigpeer-${options.for}`);
  return accessManifests(grants, name, subjectOf(options, { namespace: cluster.namespace, name }));
}

function subjectOf({ serviceAccount, user, group }: RbacOptions, own: { namespace: string; name: string }): Subject {
  if (user !== undefined) return { kind: "User", name: user };
  if (group !== undefined) return { kind: "Group", name: group };
  const [first = own.name, second] = serviceAccount?.split("/") ?? [];
  return second === undefined
    ? { kind: "ServiceAccount", namespace: own.namespace, name: first }
    : { kind: "ServiceAccount", namespace: first, name: second };
}

/** The command that prints the objects of one cluster alone. */
function sameCommand(topologies: readonly string[], cluster: string, options: RbacOptions): string {
  const given: readonly (readonly [string, string | undefined])[] = [
    ["--cluster", cluster],
    ["--for", options.for === "up" ? undefined : options.for],
    ["--management-token", options.managementToken],
    ["--name", options.name],
    ["--service-account", options.serviceAccount],
    ["--user", options.user],
    ["--group", options.group],
  ];
  const flags = given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, shellWord(value)]));
  return ["npx bigpeer rbac", ...topologies.map(shellWord), ...flags].join(" ");
}

function documents(cluster: PlannedCluster, objects: readonly AccessManifest[], command: string): string {
  const apply = `# cluster ${cluster.name}: ${command} | ${kubectlOf(cluster)} apply -f -\n`;
  // No anchors: kubectl reads them, people stumble over them.
  return apply + objects.map((each) => stringify(each, { aliasDuplicateObjects: false })).join("---\n");
}
