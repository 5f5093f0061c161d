#!/usr/bin/env node
// Before anything else is loaded.
import "../program/diagnostic-reports.cjs";
import "../program/compile-cache.cjs";

const { Command, CommanderError, Option } = await import("commander");

/** Exit codes of every command: 0 fine, 1 findings or a failed probe, 2 usage or unreadable input. */
const program = new Command("bigpeer")
  .description("Topologies of Ditto Big Peers: check them, verify them, see what changes.")
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) });

// Each command's code is loaded when it runs, so that `check` need not wait for a Kubernetes client.
program
  .command("check")
  .description("Judge topologies by the schema and all rules; writes nothing")
  .argument("[topologies...]", "topology files (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--live", "ask the clusters, too, whether they have what would be written, and the stack what it would lose")
  .option("--kubeconfig <path>", "kubeconfig for clusters that name none (default: as kubectl finds it)")
  .option("--json", "findings as JSON")
  .addOption(new Option("--sarif", "findings as SARIF 2.1.0, for code scanning").conflicts("json"))
  .action(async (topologies, options) => run((await import("./commands/check.ts")).check(topologies, options)));

program
  .command("contract")
  .description(
    "Find out how a cluster's operator takes what nobody publishes, and print the `operator:` block that fits",
  )
  .argument("[topology]", "topology file (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .addOption(new Option("--context <name>", "the cluster by its context in the kubeconfig").conflicts("cluster"))
  .option("--cluster <name>", "the cluster by its name in the topology (default: its only one)")
  .option("--kubeconfig <path>", "kubeconfig for clusters that name none (default: as kubectl finds it)")
  .option("--peer <name>", "the Big Peer to look at (default: the first)")
  .option("--write", "put what is certain or likely into the topology file")
  .option("--json", "as JSON")
  .action(async (topology, options) =>
    run((await import("./commands/contract.ts")).contractCommand(topology, options)),
  );

program
  .command("verify")
  .description("Prove on the running Big Peers that documents flow as the topology says, and only so")
  .argument("[topology]", "topology file (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--kubeconfig <path>", "kubeconfig for clusters that name none (default: as kubectl finds it)")
  .option("--reach <way>", "port-forward, or cluster-ip from a machine with a route to the Services", "port-forward")
  .option("--api <peer=url>", "base URL of a peer's HTTP API; may be repeated", collect, {})
  .option("--management-api <cluster=url>", "base URL of an operator's management API; may be repeated", collect, {})
  .option(
    "--management-token <whose>",
    "send the token of user, or of namespace/serviceaccount, to a management API that asks for one",
  )
  .addOption(new Option("--api-version <version>", "of the HTTP API").choices(["v4", "v5"]))
  .option("--deadline <seconds>", "how long a document may take to arrive", "30")
  .option("--json", "report as JSON")
  .action(async (topology, options) => run((await import("./commands/verify.ts")).verifyCommand(topology, options)));

program
  .command("status")
  .description("Show what is declared, what is deployed and what is there, and how to mend what differs")
  .argument("[topology]", "topology file (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--live", "look into the clusters, too")
  .option("--kubeconfig <path>", "kubeconfig for clusters that name none (default: as kubectl finds it)")
  .option("--watch", "look again every two seconds, until Ctrl-C")
  .option("--json", "rows as JSON")
  .action(async (topology, options) => run((await import("./commands/status.ts")).statusCommand(topology, options)));

program
  .command("helm-values")
  .description("Print what the ingress-nginx charts need to expose the topology's targets")
  .argument("[topology]", "topology file (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--cluster <name>", "of this cluster only")
  .option("--json", "the controllers with their values as JSON")
  .action(async (topology, options) =>
    run((await import("./commands/helm-values.ts")).helmValuesCommand(topology, options)),
  );

program
  .command("render")
  .description("Write the manifests of each cluster as files, for Argo CD or Flux; needs no cluster")
  .argument("[topology]", "topology file (default: the one of the stack)")
  .requiredOption("-o, --out <folder>", "folder to write to; files in it that are not ours are left alone")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option(
    "--ca <peer=file>",
    "a peer's CA certificate (PEM), a folder with a <peer>.pem each, or a stack's output .json; repeatable",
    append,
    [],
  )
  .option("--allow-missing-ca", "leave out the trust in peers whose CA is not given, before their first deployment")
  .option("--allow-plain-secrets", "write what the topology holds in plain text, too, and list it")
  .option("--exposure <way>", "expose by partial manifests of the controller's objects, or helm-values", "manifests")
  .option("--check", "write nothing; exit with 1 if the folder is not current")
  .option("--json", "report as JSON")
  .action(async (topology, options) => run((await import("./commands/render.ts")).renderCommand(topology, options)));

program
  .command("rbac")
  .description(
    "Print the Roles that a deployment needs in each cluster and nothing more, to be applied by its administrator",
  )
  .argument(
    "[topologies...]",
    "topology files or git revisions of one; several: what a change from one to the next needs",
  )
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--cluster <name>", "of this cluster only")
  .addOption(new Option("--for <command>", "what is to be allowed").choices(["up", "verify"]).default("up"))
  .option("--management-token <namespace/name>", "with --for verify: the ServiceAccount of which it may issue a token")
  .option("--name <name>", "of the Roles (default: bigpeer-topology, bigpeer-verify)")
  .option("--service-account <name>", "who gets them: name or namespace/name (default: one called like the Roles)")
  .addOption(new Option("--user <name>", "who gets them: a user").conflicts(["serviceAccount", "group"]))
  .addOption(new Option("--group <name>", "who gets them: a group").conflicts(["serviceAccount", "user"]))
  .option("--json", "as JSON, by cluster")
  .action(async (topologies, options) => run((await import("./commands/rbac.ts")).rbacCommand(topologies, options)));

program
  .command("diff")
  .description("Say what changes between two topologies, and what it means; needs no cluster and no state")
  .argument("<base>", "topology file, a git revision of one (main:topology.yaml), or what a stack has (stack:dev)")
  .argument("<head>", "the same")
  .option("--markdown", "as a comment for a pull request")
  .option("--graph [file]", "draw what changes: into the comment, and into a file (.svg, .dot, .mmd)")
  .option("--app <name...>", "only these apps in the picture")
  .option("--peer <name...>", "only what these peers have to do with in the picture")
  .option("--allow-losses", "exit with 0 although pulumi up will refuse what would be lost")
  .option("--allow-missing", "exit with 0 although a revision has no such file: a topology that is new, or gone")
  .option("--json", "as JSON")
  .action(async (base, head, { app, peer, ...options }) =>
    run((await import("./commands/diff.ts")).diffCommand(base, head, { ...options, apps: app, peers: peer })),
  );

program
  .command("preview")
  .description("Say what the engine would do to every stack of an environment, and what the topology does not explain")
  .argument("<environment>", "name of the topology in topologies/, or its file")
  .option("--project <folder>", "the Pulumi project (default: this one)")
  .option("-s, --stack <name...>", "only these stacks of the environment")
  .option("--base <topology>", "compare with this file or git revision instead of each stack's last update")
  .option("--allow-missing", "go on although the base has no such file: a topology that is new")
  .option("--refresh", "look at the live objects first, so that drift shows")
  .option("--expect-no-changes", "exit with 1 if anything would change")
  .option(
    "--parallel <n>",
    "how many stacks are previewed at once (default: two for each core, as far as there is memory)",
  )
  .option("--keep-going", "begin the other stacks also after one has failed")
  .option("--markdown", "as a comment for a pull request")
  .option("--json", "as JSON")
  .action(async (environment, options) =>
    run((await import("./commands/preview.ts")).previewCommand(environment, options)),
  );

program
  .command("comment")
  .description("Put a Markdown report on a pull request as one comment that is changed in place, on GitHub or GitLab")
  .argument("<file>", "the report, or - for standard input")
  .option("--marker <name>", "what the comment is found by (default: the report's hidden first line)")
  .option("--update-only", "change a comment that is there, but make none")
  .option("--pull-request <number>", "pull or merge request (default: the one that the job runs for)")
  .option("--json", "what was done as JSON")
  .action(async (file, options) => run((await import("./commands/comment.ts")).commentCommand(file, options)));

program
  .command("issue")
  .description("Keep a Markdown report as one open issue that is changed in place, on GitHub or GitLab")
  .argument("<file>", "the report, or - for standard input")
  .requiredOption("--title <title>", "title of the issue")
  .option("--marker <name>", "what the issue is found by (default: the report's hidden first line)")
  .option("--resolved", "close the issue, if there is one, with the report as its last text")
  .option("--json", "what was done as JSON")
  .action(async (file, options) => run((await import("./commands/comment.ts")).issueCommand(file, options)));

program
  .command("evict")
  .description("Say what may be evicted where, what would come back, and what a DELETE reaches; needs no cluster")
  .argument("[topology]", "topology file (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--peer <name>", "on this peer only")
  .option("--app <name>", "of this app only")
  .option("--collection <name>", "of this collection only, even if nobody subscribes to it")
  .option("--json", "report as JSON")
  .action(async (topology, options) => run((await import("./commands/evict.ts")).evictCommand(topology, options)));

program
  .command("migrate")
  .description("Move the documents of one peer to another: print the topology with the next step made")
  .argument("<from>", "the peer that is to go")
  .argument("<to>", "the peer that takes its place; declared like it where the topology has none")
  .argument("[topology]", "topology file (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--cluster <name>", "cluster of a new peer (default: that of the old one)")
  .option("--collection <name...>", "collections of its apps that the topology does not name anywhere")
  .option("--write", "change the file")
  .option("--compare", "instead, see whether all documents have arrived; exit with 1 if not")
  .option("--kubeconfig <path>", "kubeconfig for clusters that name none (default: as kubectl finds it)")
  .option("--reach <way>", "port-forward, or cluster-ip from a machine with a route to the Services", "port-forward")
  .option("--api <peer=url>", "base URL of a peer's HTTP API; may be repeated", collect, {})
  .option("--management-api <cluster=url>", "base URL of an operator's management API; may be repeated", collect, {})
  .option("--management-token <whose>", "for a management API that asks for one: user, or namespace/serviceaccount")
  .addOption(new Option("--api-version <version>", "of the HTTP API").choices(["v4", "v5"]))
  .option("--json", "as JSON")
  .action(async (from, to, topology, options) =>
    run((await import("./commands/migrate.ts")).migrateCommand(from, to, topology, options)),
  );

program
  .command("graph")
  .description("Draw a topology: clusters, peers, where documents flow and who dials")
  .argument("[topology]", "topology file (default: the one of the stack)")
  .option("-s, --stack <name>", "take the topology that this stack's configuration names")
  .option("--app <name...>", "only these apps")
  .option("--peer <name...>", "only what these peers have to do with")
  .option("--format <format>", "mermaid, svg or dot (default: by the file's name, else mermaid)")
  .option("--no-group", "draw equal peers one by one")
  .option("-o, --out <file>", "write it there")
  .addOption(new Option("--json", "what would be drawn, as JSON").conflicts("format"))
  .action(async (topology, { app, peer, ...options }) =>
    run((await import("./commands/graph.ts")).graphCommand(topology, { ...options, apps: app, peers: peer })),
  );

// A reader such as `head` that has seen enough is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

function collect(pair: string, before: Record<string, string>): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
  if (key === undefined || value === undefined) throw new CommanderError(2, "usage", `"${pair}" is not name=url`);
  return { ...before, [key]: value };
}

function append(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function isUnreadable(error: Error): boolean {
  const findings: unknown[] = "findings" in error && Array.isArray(error.findings) ? error.findings : [];
  return findings.some(
    (each) => typeof each === "object" && each !== null && Reflect.get(each, "rule") === "unreadable",
  );
}

async function run(exitCode: Promise<number>): Promise<void> {
  process.exitCode = await exitCode;
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    if (error.code === "usage") console.error(`error: ${error.message}`);
  } else if (error instanceof Error && error.name === "TopologyError") {
    console.error(error.message);
    // As for `check`: what cannot be read is not wrong, but no input.
    process.exitCode = isUnreadable(error) ? 2 : 1;
  } else if (error instanceof Error && error.name === "UsageError") {
    console.error(`error: ${error.message}`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
