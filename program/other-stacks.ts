import { getOrganization } from "@pulumi/pulumi";
import { z } from "zod";
import { engineError } from "../engine/engine-error.ts";
import { Finding, TopologyError } from "../topology/findings/finding.ts";
import { withoutPrototype } from "../topology/own-property.ts";
import type { Plan, PlannedApp, PlannedCluster } from "../topology/plan/plan.ts";
import { live } from "../topology/rules/live.ts";
import { exportsInNamesOf } from "./renamed-clusters.ts";
import { type StackExports, stackExports } from "./stack-exports.ts";
import { qualified, type ReadStackOutputs, readByEngine } from "./stack-outputs.ts";

/** The outcome of reading the outputs of a stack, this one or another: what it has exported, or why that is unknown. */
export type StackReading =
  | {
      readonly name: string;
      readonly exports: StackExports;
      /** By app. */
      readonly tokens: Readonly<Record<string, string>>;
      /** By Big Peer. */
      readonly peerTokens?: Readonly<Record<string, string>>;
      /** Why its tokens are not known, where it has said some and they cannot be read. */
      readonly tokensUnread?: string;
    }
  | {
      readonly name: string | undefined;
      readonly exports: undefined;
      readonly reason: string;
      readonly next: string;
      /** It may have exported something that cannot be read now. If this is false, it has exported nothing yet. */
      readonly unreadable?: boolean;
    };

/**
 * Reads the stacks that this one needs, each once, however many clusters they own. For each, the engine loads a state
 * and derives a key, so a stack reads only those that it has links with, and not all hundred of an environment. A stack
 * that is missing or half deployed is never an error.
 */
export async function readOtherStacks(
  plan: Plan,
  { owned, reached }: { readonly owned: ReadonlySet<string>; readonly reached: ReadonlySet<string> },
  before: StackReading,
  read: ReadStackOutputs = readByEngine,
): Promise<ReadonlyMap<string, StackReading>> {
  const reads = new Map<string, Promise<StackReading>>();
  const readCluster = async ({ name: cluster, stack }: PlannedCluster): Promise<[string, StackReading]> => {
    // For a cluster of this stack that does not answer, what the stack exported last still holds.
    if (owned.has(cluster)) return [cluster, before];
    if (stack === undefined) {
      const reason = `the topology does not say which stack owns the cluster "${cluster}"`;
      const next = `set clusters.${cluster}.stack in the topology`;
      return [cluster, { name: undefined, exports: undefined, reason, next }];
    }
    const reading = reads.get(stack) ?? readStack(stack, read);
    reads.set(stack, reading);
    return [cluster, readingInNamesOf(plan, await reading)];
  };
  const elsewhere = [...plan.clusters.values()].filter(({ name }) => !reached.has(name));
  const needed = neededClusters(plan, owned);
  const found = new Map(await Promise.all(elsewhere.filter(({ name }) => needed.has(name)).map(readCluster)));
  if (!someAppUnknown(plan, owned, [before, ...found.values()])) return found;
  // An app's values may have been generated in a cluster other than the one of its first peer now.
  return new Map(await Promise.all(elsewhere.map(readCluster)));
}

/** Clusters whose peers owned peers have a link with, and where the values of their apps are generated. */
function neededClusters(plan: Plan, owned: ReadonlySet<string>): Set<string> {
  const linked = [...trustedPeers(plan, owned)].map((peer) => plan.peers.get(peer)?.cluster ?? "");
  return new Set([...linked, ...appsOf(plan, owned).map((app) => ownerCluster(plan, app))]);
}

/** Peers that owned peers have a link with, each once. */
export function trustedPeers(plan: Plan, owned: ReadonlySet<string>): ReadonlySet<string> {
  const peers = [...plan.peers.values()].filter(({ cluster }) => owned.has(cluster));
  return new Set(peers.flatMap(({ trusts }) => trusts.map(({ peer }) => peer)));
}

/** The cluster whose stack generates an app's values, where there are any to generate. */
export function ownerCluster(plan: Plan, app: PlannedApp): string {
  return plan.peers.get(app.idOwner)?.cluster ?? "";
}

/** Apps that owned peers have, or whose values are generated for one. */
function appsOf(plan: Plan, owned: ReadonlySet<string>): PlannedApp[] {
  return [...plan.apps.values()].filter(
    (app) => app.objects.some(({ cluster }) => owned.has(cluster)) || owned.has(ownerCluster(plan, app)),
  );
}

function someAppUnknown(plan: Plan, owned: ReadonlySet<string>, known: readonly StackReading[]): boolean {
  return appsOf(plan, owned).some(({ name, id, auth }) => {
    const idKnown = id !== undefined || known.some(({ exports }) => exports?.apps[name] !== undefined);
    const tokenGenerated = auth?.playground !== undefined && auth.playground.token === undefined;
    return !idKnown || (tokenGenerated && !known.some((stack) => stack.exports && name in stack.tokens));
  });
}

/** What was read of a stack, with the plan's names for clusters that the stack knows by other names. */
export function readingInNamesOf(plan: Plan, stack: StackReading): StackReading {
  return stack.exports ? { ...stack, exports: exportsInNamesOf(plan, stack.exports) } : stack;
}

const tokensOutput = z.object({
  apps: z.record(z.string(), z.string()),
  peers: z.record(z.string(), z.string()).default({}),
});

/** The engine's words for a stack that its backend does not know (`backend.GetStackOutputs` in Pulumi 3.250). */
const unknownStack = /\bunknown stack ["']/;

/** What a stack has exported, or why it has exported nothing, or why that cannot be read. */
export async function readStack(name: string, read: ReadStackOutputs = readByEngine): Promise<StackReading> {
  const notYet = { name, exports: undefined, next: `pulumi up --stack ${name}` };
  let outputs: Record<string, unknown>;
  try {
    outputs = await read(qualified(name));
  } catch (error) {
    if (unknownStack.test(error instanceof Error ? error.message : String(error)))
      return { ...notYet, reason: `the stack "${name}" does not exist yet${orForbidden()}` };
    const next = "make sure that this login, with its passphrase or key, can read that stack, and run pulumi up again";
    return unread(name, `the stack "${name}" cannot be read: ${engineError(error)}`, next);
  }
  if (outputs.topology === undefined) return { ...notYet, reason: `the stack "${name}" has no outputs yet` };
  const parsed = stackExports.safeParse(outputs.topology);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = ["topology", ...(issue?.path ?? [])].join(".");
    const reason = `the output "${where}" of the stack "${name}" has a form that this release cannot read: ${issue?.message ?? "unknown"}`;
    return unread(name, reason, "use the release of this program by which that stack was last updated, or a later one");
  }
  const tokens = tokensOutput.safeParse(outputs.tokens);
  const unreadTokens = outputs.tokens !== undefined && !tokens.success;
  return {
    name,
    exports: parsed.data,
    tokens: withoutPrototype(tokens.success ? tokens.data.apps : {}),
    peerTokens: withoutPrototype(tokens.success ? tokens.data.peers : {}),
    ...(unreadTokens
      ? { tokensUnread: `the secrets of the stack "${name}" cannot be decrypted with this passphrase or key` }
      : {}),
  };
}

/**
 * What the running stack exported after its last update. Only a read that succeeds and finds no outputs shows that the
 * stack is new. If the read fails, the stack may own objects of which nothing is known: the engine has its state open,
 * so the state exists.
 * @throws TopologyError if the outputs cannot be read
 */
export async function readOwnStack(name: string, read: ReadStackOutputs): Promise<StackReading> {
  let found = false;
  const stack = await readStack(name, async (qualifiedName) => {
    const outputs = await read(qualifiedName);
    found = true;
    return outputs;
  });
  if (stack.exports || (found && !stack.unreadable)) return stack;
  throw new TopologyError([
    new Finding(live.ownOutputsUnread, {
      path: [],
      what: found
        ? stack.reason
        : `the stack "${name}" is being updated, and its own outputs cannot be read: ${stack.reason}`,
      fix: found
        ? stack.next
        : `check that \`pulumi stack output topology --stack ${name}\` prints them with the same login, passphrase or key, and try again`,
    }),
  ]);
}

/** Where the reader has no permission for a stack, Pulumi Cloud answers as if the stack did not exist. */
function orForbidden(): string {
  return getOrganization() === "organization" ? "" : ", or this login may not read it";
}

function unread(name: string, reason: string, next: string): StackReading {
  return { name, exports: undefined, unreadable: true, reason, next };
}
