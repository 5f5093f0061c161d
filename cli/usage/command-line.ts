import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Command } from "commander";
import type { DocumentedCommand } from "./documented-command.ts";

type Load = () => Promise<DocumentedCommand>;

/**
 * Every command, by its name and in the order in which the help shows them. What a command's usage needs is loaded when it is called or
 * listed, and what its work needs when it runs: `check` need not wait for a Kubernetes client.
 */
const groups: readonly (readonly [title: string, commands: Readonly<Record<string, Load>>])[] = [
  [
    "A new project:",
    {
      init: async () => (await import("./init.ts")).initUsage(),
    },
  ],
  [
    "A topology, without a cluster:",
    {
      check: async () => (await import("./check.ts")).checkUsage(),
      "explain-rule": async () => (await import("./explain-rule.ts")).explainRuleUsage(),
      expand: async () => (await import("./expand.ts")).expandUsage(),
      diff: async () => (await import("./diff.ts")).diffUsage(),
      graph: async () => (await import("./graph.ts")).graphUsage(),
      firewall: async () => (await import("./firewall.ts")).firewallUsage(),
      evict: async () => (await import("./evict.ts")).evictUsage(),
      migrate: async () => (await import("./migrate.ts")).migrateUsage(),
      pause: async () => (await import("./pause.ts")).pauseUsage(),
      resume: async () => (await import("./pause.ts")).resumeUsage(),
      failover: async () => (await import("./failover.ts")).failoverUsage(),
      "next-address": async () => (await import("./next-address.ts")).nextAddressUsage(),
      pin: async () => (await import("./pin.ts")).pinUsage(),
      rbac: async () => (await import("./rbac.ts")).rbacUsage(),
      "helm-values": async () => (await import("./helm-values.ts")).helmValuesUsage(),
      render: async () => (await import("./render.ts")).renderUsage(),
    },
  ],
  [
    "Stacks and clusters:",
    {
      contract: async () => (await import("./contract.ts")).contractUsage(),
      import: async () => (await import("./import.ts")).importUsage(),
      preview: async () => (await import("./preview.ts")).previewUsage(),
      deploy: async () => (await import("./deploy.ts")).deployUsage(),
      stacks: async () => (await import("./stacks.ts")).stacksUsage(),
      status: async () => (await import("./status.ts")).statusUsage(),
      verify: async () => (await import("./verify.ts")).verifyUsage(),
      explain: async () => (await import("./explain.ts")).explainUsage(),
      support: async () => (await import("./support.ts")).supportUsage(),
    },
  ],
  [
    "Pull requests and issues:",
    {
      comment: async () => (await import("./comment.ts")).commentUsage(),
      issue: async () => (await import("./issue.ts")).issueUsage(),
    },
  ],
  [
    "This machine:",
    {
      dev: async () => (await import("./dev.ts")).devUsage(),
      lab: async () => (await import("./lab.ts")).labUsage(),
      completion: async () => (await import("./completion.ts")).completionUsage(commandLine),
    },
  ],
];

/**
 * The command line.
 * @param called its first argument: where that is the name of a command, the others are left out
 */
export async function commandLine(called?: string): Promise<Command> {
  const program = new Command("bigpeer")
    .description("Topologies of Ditto Big Peers: check them, review them, deploy them, verify them.")
    .version(version(), "-V, --version", "print the version")
    .helpCommand("help [command]", "display help for a command")
    .exitOverride()
    .addHelpText(
      "after",
      "\nExit codes of every command:\n  0  success\n  1  findings, or a failed probe or update\n  2  the command line is wrong, or an input cannot be read",
    );
  const known = groups.some(([, commands]) => called !== undefined && Object.hasOwn(commands, called));
  for (const [title, commands] of groups)
    for (const [name, load] of Object.entries(commands))
      if (!known || name === called) program.addCommand((await load()).helpGroup(title));
  return program;
}

function version(): string {
  const { version: of }: { version?: unknown } = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve("bigpeer-topology/package.json"), "utf8"),
  );
  return String(of);
}
