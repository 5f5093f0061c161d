import { Finding, formatLocation, type Location } from "../findings/finding.ts";
import { nearest, suggestion } from "../findings/suggest.ts";
import { ownership } from "../rules/ownership.ts";
import {
  clusterNames,
  isStack,
  type OwnableCluster,
  type OwnableClusters,
  ownedClusters,
  type ProjectStacks,
  type StackName,
  type StackSettings,
} from "./ownership.ts";

/** The findings for the clusters that a stack's configuration gives to the stack. */
function settingFindings(topology: OwnableClusters, stack: StackSettings, owned: ReadonlySet<string>): Finding[] {
  const listed = stack.clusters === undefined ? undefined : clusterNames(stack.clusters);
  if (stack.clusters !== undefined && !listed) return [notAList(stack)];
  const unknown = unknownClusters(topology, stack, listed);
  const nobodyNamed = [...topology.clusters.values()].every((cluster) => cluster.stack === undefined);
  if (unknown.length > 0 || nobodyNamed) return unknown;
  if (owned.size === 0) return [notNamed(topology, stack)];
  const differs = listed && (listed.some((name) => !owned.has(name)) || listed.length < owned.size);
  return differs ? [listsOthers(topology, stack, listed, owned)] : [];
}

/**
 * The findings for how the stacks of a project divide a topology: all of them, or those that prevent one stack from
 * being updated.
 * @param running the stack that is being updated
 */
export function ownershipFindings(
  topology: OwnableClusters,
  project: ProjectStacks,
  running?: StackSettings,
): readonly Finding[] {
  const shares = project.sharing.map((stack) => ({ stack, owned: ownedClusters(topology.clusters, stack) }));
  const own = shares.flatMap(({ stack, owned }) =>
    running === undefined || stack === running ? settingFindings(topology, stack, owned) : [],
  );
  // If no stack runs this file here, nothing is known of those that run it elsewhere.
  if (shares.length === 0) return own;
  const between = [
    ...ownedTwice(topology, shares),
    ...ownedByNobody(topology, shares),
    ...runElsewhere(topology, project),
  ];
  return [...own, ...between, ...(running ? [] : notSetUp(topology, project))];
}

/** The findings for the clusters that one stack is given, where nothing is known of the other stacks. */
export function ownedClustersFindings(topology: OwnableClusters, stack: StackSettings): readonly Finding[] {
  return settingFindings(topology, stack, ownedClusters(topology.clusters, stack));
}

type Share = { readonly stack: StackSettings; readonly owned: ReadonlySet<string> };

function ownedTwice(topology: OwnableClusters, shares: readonly Share[]): Finding[] {
  const clashes = unnamedClusters(topology).flatMap(([cluster, { kubeconfig }]) => {
    const owners = shares.filter(({ owned }) => owned.has(cluster)).map(({ stack }) => stack);
    const groups = Map.groupBy(owners, (stack) => kubeconfig ?? stack.kubeconfig);
    return [...groups.values()].filter(({ length }) => length > 1).map((stacks) => ({ cluster, stacks }));
  });
  const byStacks = Map.groupBy(clashes, ({ stacks }) => stacks.map(({ name }) => name.stack).join("\n"));
  return [...byStacks.values()].map((group) => {
    const clusters = group.map(({ cluster }) => cluster);
    const stacks = group[0]?.stacks ?? [];
    const [first = ""] = clusters;
    const places = stacks.map((stack) => `"${stack.name.stack}" (${formatLocation(saidAt(stack))})`).join(" and ");
    return new Finding(ownership.clusterOwnedTwice, {
      path: ["clusters", first],
      location: topology.locate(["clusters", first], "key"),
      what: `${theClusters(clusters)} ${clusters.length > 1 ? "have" : "has"} ${stacks.length} owners: the stacks ${places}`,
      fix:
        `write \`stack: <name>\` in ${keysOf(clusters)}, which decides, or list each cluster in the bigpeer:clusters of one stack only; ` +
        "if the stacks reach different clusters under this name, give each its own bigpeer:kubeconfig",
    });
  });
}

function ownedByNobody(topology: OwnableClusters, shares: readonly Share[]): Finding[] {
  const clusters = unnamedClusters(topology)
    .map(([cluster]) => cluster)
    .filter((cluster) => !shares.some(({ owned }) => owned.has(cluster)));
  const [first] = clusters;
  if (first === undefined) return [];
  const stacks = shares.map(({ stack }) => `"${stack.name.stack}" (${formatLocation(saidAt(stack))})`);
  const others = `${stacks.slice(0, 12).join(", ")}${stacks.length > 12 ? ", …" : ""}`;
  return [
    new Finding(ownership.clusterNotOwned, {
      path: ["clusters", first],
      location: topology.locate(["clusters", first], "key"),
      what: `no stack owns ${theClusters(clusters)}: the topology names none, and ${others} ${stacks.length > 1 ? "do" : "does"} not list ${clusters.length > 1 ? "them" : "it"}`,
      fix: `write \`stack: <name>\` in ${keysOf(clusters)}`,
    }),
  ];
}

/** A stack that runs another file makes nothing of this one. */
function runElsewhere(topology: OwnableClusters, project: ProjectStacks): Finding[] {
  return absentStacks(topology, project).flatMap(({ cluster, owner, stack }) => {
    const other = project.elsewhere.get(stack);
    if (!other) return [];
    return new Finding(ownership.clusterNotOwned, {
      path: ["clusters", cluster, "stack"],
      location: topology.locate(["clusters", cluster, "stack"]),
      what: `names the stack "${owner}", which runs another topology: ${other.topology} (${formatLocation(other.at())})`,
      fix: `set bigpeer:topology in ${other.at().file} to this file, or name the stack that runs it`,
    });
  });
}

function notSetUp(topology: OwnableClusters, project: ProjectStacks): Finding[] {
  const here = project.sharing.map(({ name }) => name.stack);
  return absentStacks(topology, project).flatMap(({ cluster, owner, stack }) => {
    if (project.elsewhere.has(stack)) return [];
    const near = nearest(stack, here);
    return new Finding(ownership.stackNotSetUp, {
      path: ["clusters", cluster, "stack"],
      location: topology.locate(["clusters", cluster, "stack"]),
      // A guess at what was meant is told by itself.
      ...(near === undefined ? { alike: "no file" } : {}),
      what: `names the stack "${owner}", and there is no Pulumi.${stack}.yaml for this topology beside the Pulumi.yaml`,
      fix: `${near === undefined ? "" : `did you mean "${near}"? Else `}pulumi stack init ${stack}, and set its bigpeer:topology to this file`,
    });
  });
}

/** The clusters that name a stack of this project which does not run this topology here. */
function absentStacks({ clusters }: OwnableClusters, { project, sharing }: ProjectStacks) {
  return [...clusters].flatMap(([cluster, { stack: owner }]) => {
    if (owner === undefined || sharing.some(({ name }) => isStack(owner, name))) return [];
    const [stack = owner, inProject] = owner.split("/").reverse();
    return inProject !== undefined && inProject !== project ? [] : [{ cluster, owner, stack }];
  });
}

function unnamedClusters({ clusters }: OwnableClusters): [string, OwnableCluster][] {
  return [...clusters].filter(([, { stack }]) => stack === undefined);
}

/** The place where a stack's file says which clusters it owns, or which topology it runs. */
function saidAt(stack: StackSettings): Location {
  return stack.at(stack.clusters === undefined ? "topology" : "clusters");
}

function notAList(stack: StackSettings): Finding {
  return new Finding(ownership.configuration, {
    path: ["bigpeer:clusters"],
    location: stack.at("clusters"),
    what: "is not a list of cluster names",
    fix: `pulumi config set --stack ${stack.name.stack} --path 'bigpeer:clusters[0]' <cluster>`,
  });
}

function unknownClusters(
  { clusters }: OwnableClusters,
  stack: StackSettings,
  listed: readonly string[] | undefined,
): Finding[] {
  return (listed ?? [])
    .filter((name) => !clusters.has(name))
    .map(
      (name) =>
        new Finding(ownership.configuration, {
          path: ["bigpeer:clusters"],
          location: stack.at("clusters"),
          what: `names "${name}", which the topology does not declare`,
          fix: suggestion(name, clusters.keys(), "cluster"),
        }),
    );
}

function notNamed(topology: OwnableClusters, stack: StackSettings): Finding {
  const { name } = stack;
  const firsts = new Map(
    [...topology.clusters].reverse().flatMap(([cluster, { stack: owner }]) => (owner ? [[owner, cluster]] : [])),
  );
  const owners = [...firsts].reverse();
  const named = owners.slice(0, 12).map(([owner, cluster]) => {
    const { line } = topology.locate(["clusters", cluster, "stack"]);
    return `"${owner}" (line ${line})`;
  });
  const near = nearest(
    name.stack,
    owners.map(([owner]) => owner),
  );
  const { file } = topology.locate([]);
  return new Finding(ownership.stackNotNamed, {
    path: ["bigpeer:topology"],
    location: stack.at("topology"),
    what: `no cluster of ${file} names the stack "${fullName(name)}"; it names ${named.join(", ")}${owners.length > 12 ? ", …" : ""}`,
    fix:
      `${near === undefined ? "" : `did you mean "${near}"? Then \`pulumi stack select ${near}\`, and \`pulumi stack rm ${name.stack}\`. Else `}` +
      `write \`stack: ${name.stack}\` in the cluster that it owns`,
  });
}

function listsOthers(
  topology: OwnableClusters,
  stack: StackSettings,
  listed: readonly string[],
  owned: ReadonlySet<string>,
): Finding {
  const said = (cluster: string) => {
    const owner = topology.clusters.get(cluster)?.stack;
    const place = formatLocation(topology.locate(["clusters", cluster, "stack"]));
    return `"${cluster}" to the stack "${owner}" (${place})`;
  };
  const others = listed.filter((name) => !owned.has(name));
  const left = [...owned].filter((name) => !listed.includes(name));
  const { stack: name } = stack.name;
  const clusters = [...others, ...left].slice(0, 12);
  return new Finding(ownership.ownershipDiffers, {
    path: ["bigpeer:clusters"],
    location: stack.at("clusters"),
    what: `lists ${listed.length === 0 ? "no cluster" : listed.join(", ")}, but the topology gives the cluster ${clusters.map(said).join(", ")}`,
    fix:
      `delete bigpeer:clusters from ${stack.at("clusters").file} (\`pulumi config rm bigpeer:clusters --stack ${name}\`), since the topology decides` +
      `${others.length > 0 ? `; if "${name}" is to own ${others.join(", ")}, write \`stack: ${name}\` in ${keysOf(others)}` : ""}`,
  });
}

function fullName({ organization, project, stack }: StackName): string {
  return organization === undefined || project === undefined ? stack : `${organization}/${project}/${stack}`;
}

function theClusters(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `"${name}"`);
  return `the cluster${names.length > 1 ? "s" : ""} ${shown.join(", ")}${names.length > 12 ? ", …" : ""}`;
}

function keysOf(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => `clusters.${name}`);
  return `${shown.join(", ")}${names.length > 4 ? ", …" : ""}`;
}
