import { z } from "zod";
import { withoutPrototype } from "../topology/own-property.ts";
import type { Plan, PlannedApp, PlannedCluster } from "../topology/plan/plan.ts";
import { inPlanNames } from "./renamed-clusters.ts";
import { type StackContract, stackContract } from "./stack-contract.ts";
import { qualified, type ReadStackOutputs, readByEngine } from "./stack-outputs.ts";

/** What is known of the stack that owns a cluster, or why nothing is. */
export type OtherStack =
  | {
      readonly name: string;
      readonly contract: StackContract;
      /** By app. */
      readonly tokens: Readonly<Record<string, string>>;
      /** By Big Peer. */
      readonly peerTokens?: Readonly<Record<string, string>>;
    }
  | { readonly name: string | undefined; readonly contract: undefined; readonly reason: string; readonly next: string };

/**
 * Reads the stacks that this one needs something of, each once, however many clusters it owns: for each the engine has to load
 * a state and to derive a key, so that in an environment of a hundred stacks nobody reads a hundred. A stack that is missing or half
 * deployed is never an error.
 */
export async function readOtherStacks(
  plan: Plan,
  { owned, reached }: { readonly owned: ReadonlySet<string>; readonly reached: ReadonlySet<string> },
  before: OtherStack,
  read: ReadStackOutputs = readByEngine,
): Promise<ReadonlyMap<string, OtherStack>> {
  const reads = new Map<string, Promise<OtherStack>>();
  const readCluster = async ({ name: cluster, stack }: PlannedCluster): Promise<[string, OtherStack]> => {
    // One of this stack's own that does not answer: what the stack said of it last still holds.
    if (owned.has(cluster)) return [cluster, before];
    if (stack === undefined) {
      const reason = `the topology does not say which stack owns the cluster "${cluster}"`;
      const next = `set clusters.${cluster}.stack in the topology`;
      return [cluster, { name: undefined, contract: undefined, reason, next }];
    }
    const reading = reads.get(stack) ?? readStack(stack, read);
    reads.set(stack, reading);
    return [cluster, inNamesOfPlan(plan, await reading)];
  };
  const elsewhere = [...plan.clusters.values()].filter(({ name }) => !reached.has(name));
  const needed = neededClusters(plan, owned);
  const found = new Map(await Promise.all(elsewhere.filter(({ name }) => needed.has(name)).map(readCluster)));
  if (!someAppUnknown(plan, owned, [before, ...found.values()])) return found;
  // Whoever has generated an app's values may not be where its first peer is now.
  return new Map(await Promise.all(elsewhere.map(readCluster)));
}

/** Clusters whose peers owned peers have a link with, and where the values of their apps are generated. */
function neededClusters(plan: Plan, owned: ReadonlySet<string>): Set<string> {
  const linked = [...trustedPeers(plan, owned)].map((peer) => plan.peers.get(peer)?.cluster ?? "");
  return new Set([...linked, ...appsOf(plan, owned).map((app) => ownerCluster(plan, app))]);
}

/** Peers that owned peers have a link with, each once. */
export function trustedPeers(plan: Plan, owned: ReadonlySet<string>): ReadonlySet<string> {
  const own = [...plan.peers.values()].filter(({ cluster }) => owned.has(cluster));
  return new Set(own.flatMap(({ trusts }) => trusts.map(({ peer }) => peer)));
}

/** The cluster whose stack generates an app's values, where it has any to generate. */
export function ownerCluster(plan: Plan, app: PlannedApp): string {
  return plan.peers.get(app.idOwner)?.cluster ?? "";
}

/** Apps that owned peers have, or whose values are generated for one. */
function appsOf(plan: Plan, owned: ReadonlySet<string>): PlannedApp[] {
  return [...plan.apps.values()].filter(
    (app) => app.objects.some(({ cluster }) => owned.has(cluster)) || owned.has(ownerCluster(plan, app)),
  );
}

function someAppUnknown(plan: Plan, owned: ReadonlySet<string>, known: readonly OtherStack[]): boolean {
  return appsOf(plan, owned).some(({ name, id, auth }) => {
    const idKnown = id !== undefined || known.some(({ contract }) => contract?.apps[name] !== undefined);
    const tokenGenerated = auth?.playground !== undefined && auth.playground.token === undefined;
    return !idKnown || (tokenGenerated && !known.some((stack) => stack.contract && name in stack.tokens));
  });
}

/** What a stack has said, with the plan's names for clusters that it has called otherwise. */
export function inNamesOfPlan(plan: Plan, stack: OtherStack): OtherStack {
  return stack.contract ? { ...stack, contract: inPlanNames(plan, stack.contract) } : stack;
}

const tokensOutput = z.object({
  apps: z.record(z.string(), z.string()),
  peers: z.record(z.string(), z.string()).default({}),
});

/** What a stack has said of itself, or why it has said nothing. */
export async function readStack(name: string, read: ReadStackOutputs = readByEngine): Promise<OtherStack> {
  const next = `pulumi up --stack ${name}`;
  const absent = (reason: string): OtherStack => ({ name, contract: undefined, reason, next });
  let outputs: Record<string, unknown>;
  try {
    outputs = await read(qualified(name));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return absent(
      /unknown stack|not found|no stack named/i.test(message)
        ? `the stack "${name}" does not exist yet`
        : `the stack "${name}" cannot be read: ${message}`,
    );
  }
  if (outputs.topology === undefined) return absent(`the stack "${name}" has no outputs yet`);
  const parsed = stackContract.safeParse(outputs.topology);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = ["topology", ...(issue?.path ?? [])].join(".");
    return absent(
      `the output "${where}" of the stack "${name}" is not what this release reads: ${issue?.message ?? "unknown"}`,
    );
  }
  const tokens = tokensOutput.safeParse(outputs.tokens);
  return {
    name,
    contract: parsed.data,
    tokens: withoutPrototype(tokens.success ? tokens.data.apps : {}),
    peerTokens: withoutPrototype(tokens.success ? tokens.data.peers : {}),
  };
}
