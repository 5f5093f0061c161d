/** The arguments and options that several commands have, each defined once. */
import { Argument, type Command, CommanderError, Option } from "commander";

export function topologyArgument(): Argument {
  return new Argument("[topology]", `${topologyMeans} (default: the stack's topology)`);
}

/** The words for how every command takes a topology. */
export const topologyMeans =
  "topology: its file, its name in topologies/, a folder that contains it, or - for standard input";

export function topologiesArgument(): Argument {
  return new Argument(
    "[topologies...]",
    "topologies: files, names in topologies/, folders, or - for standard input (default: the stack's topology)",
  );
}

/** @param byDefault the environment of a call that names none; undefined: each call has to */
export function environmentArgument(byDefault?: string): Argument {
  const about = "name of the topology in topologies/, its file, or a folder that contains it";
  return byDefault === undefined
    ? new Argument("<environment>", about)
    : new Argument("[environment]", `${about} (default: ${byDefault})`);
}

export function stackOption(): Option {
  return new Option("-s, --stack <name>", "use the topology that this stack's configuration names");
}

export function kubeconfigOption(): Option {
  return new Option(
    "--kubeconfig <path>",
    "kubeconfig for clusters that name none (default: the one that kubectl finds)",
  );
}

/** @param what is printed, such as "the findings" */
export function jsonOption(what?: string): Option {
  return new Option("--json", `print ${what === undefined ? "" : `${what} `}as JSON`);
}

export function markdownOption(): Option {
  return new Option("--markdown", "print a comment for a pull request");
}

export function clusterOption(): Option {
  return new Option("--cluster <name>", "only this cluster");
}

export function projectOption(): Option {
  return new Option("--project <folder>", "folder of the Pulumi project (default: the current project)");
}

/** What the options of a selection choose, by the kind of command. */
const selections = {
  parts: {
    cluster: "only these clusters",
    peer: "only these peers",
    app: "only peers with these apps, and the documents of these apps",
    replication: "only these replications, and their peers",
    label: "only clusters and peers with this label",
  },
  stacks: {
    cluster: "only stacks that own one of these clusters",
    peer: "only stacks that own one of these peers",
    app: "only stacks that own a peer with one of these apps",
    replication: "only stacks that own a peer of one of these replications",
    label: "only stacks that own a cluster or a peer with this label",
  },
} as const;

const combined =
  "several values of one option or label widen the selection, and different options and labels narrow it";

/** The options that select a part of the topology (`Selection`): the part itself, or the stacks that own it.
 * @param when what is said before each, such as "with --live" */
export function withSelection<C extends Command>(command: C, chosen: "parts" | "stacks" = "parts", when?: string): C {
  const about = (kind: keyof (typeof selections)["parts"]) =>
    `${when === undefined ? "" : `${when}: `}${selections[chosen][kind]}`;
  return command
    .option("--cluster <name...>", about("cluster"))
    .option("--peer <name...>", about("peer"))
    .option("--app <name...>", about("app"))
    .option("--replication <name...>", about("replication"))
    .option("--label <key=value...>", `${about("label")}; ${combined}`);
}

/** The options by which several stacks run at once. */
export function withStackLimits<C extends Command>(command: C): C {
  return command
    .option("--parallel <n>", "how many stacks run at once (default: two for each core, if memory allows)")
    .option("--keep-going", "start the other stacks even after one has failed");
}

/** The options that say what a picture shows, and how much of it as one. */
export function withPictureLimits<C extends Command>(command: C): C {
  return command
    .option("--app <name...>", "only these apps in the picture")
    .option("--peer <name...>", "only these peers and their links in the picture")
    .option(
      "--group-by <label>",
      "draw a box around the clusters with the same value (default: region, if they have it)",
    )
    .option("--no-group-by", "draw no boxes around clusters")
    .option("--collapse", "draw each region as groups of peers that do the same, with counts (default: if it is large)")
    .option("--no-collapse", "draw every region in full, however large it is");
}

export function deadlineOption(): Option {
  return new Option("--deadline <seconds>", "how long a document may take to arrive").default("30");
}

/** The options by which a command finds the HTTP APIs of running Big Peers. */
export function withPeerAccess<C extends Command>(command: C): C {
  return command
    .addOption(kubeconfigOption())
    .addOption(
      new Option("--reach <way>", "port-forward, or cluster-ip from a machine with a route to the Services")
        .choices(["port-forward", "cluster-ip"])
        .default("port-forward"),
    )
    .option("--api <peer=url>", "base URL of a peer's HTTP API; may be repeated", collect, {})
    .option("--management-api <cluster=url>", "base URL of an operator's management API; may be repeated", collect, {})
    .option(
      "--management-token <whose>",
      "whose token to send to a management API that asks for one: user (the kubeconfig's user), or namespace/serviceaccount",
    )
    .addOption(new Option("--api-version <version>", "version of the HTTP API").choices(["v4", "v5"]));
}

function collect(pair: string, before: Record<string, string>): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
  if (key === undefined || value === undefined) throw new CommanderError(2, "usage", `"${pair}" is not name=url`);
  return { ...before, [key]: value };
}

/** Reads an option that may be repeated. */
export function append(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
