import { randomUUID } from "node:crypto";
import type { DocumentFields } from "../topology/flows/flows.ts";
import { kubectlOf } from "../topology/objects/kubectl.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { maskedSentence } from "../topology/secrets/texts.ts";
import type { AuthorityExpiry } from "../trust/authority-expiry.ts";
import type { TrustProblem } from "../trust/stale-trust.ts";
import type { Access } from "./access.ts";
import { comparedTrust, noTrust } from "./compared-trust.ts";
import { Journal, whereIs } from "./journal.ts";
import { removeLeftovers } from "./leftovers.ts";
import { Limit } from "./limit.ts";
import { poll } from "./poll.ts";
import { type Probe, planProbes, skippedReplications } from "./probes.ts";
import type { ProbeDocument } from "./remove-documents.ts";
import { Session } from "./session.ts";
import { trustBetween } from "./trust-between.ts";

export interface VerifyOptions {
  readonly plan: Plan;
  readonly access: Access;
  /** The time that a document may take to arrive, in milliseconds. */
  readonly deadlineMs: number;
  /** Selects the plan's probes that are run. @default all */
  readonly only?: ((probe: Probe) => boolean) | undefined;
  /** Compares the trust in the clusters, too. @default true */
  readonly trust?: boolean | undefined;
  /** Ends the run early; everything that it made is taken away all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Folder of the lists of what runs have written, by which the next run removes what one that was killed has left. @default in the cache folder */
  readonly journal?: string | undefined;
  /** Called once, with the number of probes, before the first begins. */
  readonly onStart?: ((probes: number) => void) | undefined;
  /** Called as each probe ends. */
  readonly onResult?: ((result: ProbeResult) => void) | undefined;
  /** Called for each document that could not be deleted again. */
  readonly onLeft?: ((document: ProbeDocument) => void) | undefined;
}

export interface ProbeResult {
  readonly probe: Probe;
  readonly passed: boolean;
  /** True if a document arrived that should have stayed away. */
  readonly arrived?: true | undefined;
  /** From the write on one side to the answer on the other. */
  readonly milliseconds: number;
  /** The observation, as a sentence. */
  readonly message: string;
  /** The command that shows more, where a document did not arrive. */
  readonly next?: string | undefined;
}

export interface VerifyReport {
  readonly passed: boolean;
  readonly results: readonly ProbeResult[];
  /** The documents and keys that could not be removed again. */
  readonly leftovers: readonly string[];
  /** How many documents of earlier runs, which were killed, were removed; absent: there were none. */
  readonly removed?: number | undefined;
  /** Pairs of peers of which one no longer trusts the other: their documents flow only until the peers next connect. */
  readonly trust: readonly TrustProblem[];
  /** CAs that could not be compared with the trust in them, with the reason. */
  readonly notCompared: readonly string[];
  /** Replications that were selected and are paused, so that nothing was asked of them. */
  readonly paused: readonly string[];
  /** Until when the CA of each peer is good, where that can be read. */
  readonly authorities: readonly AuthorityExpiry[];
}

/** At least this long is watched for a document that must not come. */
const graceFloorMs = 1500;
/** Probes under way at a time: so many that those which fail take their time side by side, and so few that a run that is killed leaves little. */
const probesAtOnce = 256;

/** Probes every direction of every link of a plan against the running Big Peers, and leaves nothing behind. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const session = new Session(options.plan, options.access);
  const journal = new Journal(options.journal);
  const limit = new Limit(probesAtOnce);
  const results: ProbeResult[] = [];
  const run = (probe: Probe, watch: () => Promise<Seen>) =>
    limit.run(async () => {
      const result = await timed(probe, watch);
      results.push(result);
      options.onResult?.(result);
      return result;
    });
  const only = options.only ?? (() => true);
  const probes = planProbes(options.plan).filter(only);
  const paused = skippedReplications(options.plan, only);
  options.onStart?.(probes.length);
  const arriving = probes.filter(({ expected }) => expected === "arrives");
  const staying = probes.filter(({ expected }) => expected === "stays away");
  const leftovers: string[] = [];
  const made: Made = { session, journal, arrivals: new Map() };
  const judged = options.only ? trustBetween(options.plan, probes) : options.plan;
  const trust = options.trust === false ? noTrust : comparedTrust(judged, session);
  let removed = 0;
  try {
    removed = await removeLeftovers(options.plan, session, journal, options.access.kubeconfig);
    const arrived = await Promise.all(arriving.map((probe) => run(probe, () => watchArrival(made, probe, options))));
    // The slowest of those that arrived tells how long to watch for a document that must not come. What a probe takes before it writes is not of it.
    const slowest = Math.max(0, ...arrived.map(({ probe }) => made.arrivals.get(probe) ?? 0));
    const graceMs = Math.min(Math.max(graceFloorMs, 3 * slowest), options.deadlineMs);
    await Promise.all(staying.map((probe) => run(probe, () => watchAbsence(made, probe, graceMs, options))));
  } finally {
    leftovers.push(...(await session.close()));
    journal.close();
  }
  const passed = results.every((result) => result.passed) && leftovers.length === 0;
  const { problems, ...seen } = await trust;
  return {
    passed: passed && problems.length === 0,
    results,
    leftovers,
    ...(removed > 0 ? { removed } : {}),
    trust: problems,
    ...seen,
    paused,
  };
}

/** What a run makes things with, and where it notes them. */
interface Made {
  readonly session: Session;
  readonly journal: Journal;
  /** How long documents have taken from the end of the write until they were seen, in milliseconds. */
  readonly arrivals: Map<Probe, number>;
}

interface Seen {
  readonly passed: boolean;
  readonly arrived?: true | undefined;
  readonly message: string;
  readonly next?: string | undefined;
}

async function timed(probe: Probe, watch: () => Promise<Seen>): Promise<ProbeResult> {
  const start = performance.now();
  const seen = await watch().catch((error: unknown) => ({
    passed: false,
    message: error instanceof Error ? error.message : String(error),
  }));
  return { probe, ...seen, milliseconds: Math.round(performance.now() - start) };
}

async function watchArrival(made: Made, probe: Probe, options: VerifyOptions): Promise<Seen> {
  const { session } = made;
  if (!probe.document) return connectionOnly(session, probe);
  const { id, target, remove } = await write(made, probe, probe.document, options);
  const written = performance.now();
  const seen = async () => {
    const has = await target.has(probe.collection, id);
    if (has) made.arrivals.set(probe, performance.now() - written);
    return has;
  };
  const arrived = await poll(options.deadlineMs, options.signal, seen).finally(remove);
  if (arrived) return { passed: true, message: `arrived (${probe.reason})` };
  const [why, filter] = await Promise.all([connectionFault(session, probe), liveFilter(session, probe)]);
  const { what, next } = receiverOf(options.plan, probe);
  return { passed: false, message: `did not arrive within ${options.deadlineMs} ms ${what}${why}${filter}`, next };
}

async function watchAbsence(made: Made, probe: Probe, graceMs: number, options: VerifyOptions): Promise<Seen> {
  if (!probe.document) return { passed: true, message: `not probed: ${probe.reason}` };
  const { id, target, remove } = await write(made, probe, probe.document, options);
  const arrived = await poll(graceMs, options.signal, () => target.has(probe.collection, id)).finally(remove);
  return arrived
    ? { passed: false, arrived: true, message: `arrived, although ${probe.to} does not subscribe to it` }
    : { passed: true, message: `did not arrive within ${graceMs} ms, as declared` };
}

async function write(
  made: Made,
  probe: Probe,
  fields: DocumentFields,
  { signal, plan, access, onLeft }: VerifyOptions,
) {
  const { session, journal } = made;
  signal?.throwIfAborted();
  const [source, target] = await Promise.all([
    session.documents(probe.app, probe.from),
    session.documents(probe.app, probe.to),
  ]);
  signal?.throwIfAborted();
  const id = `bigpeer-verify-${randomUUID()}`;
  const { app, from: peer, collection } = probe;
  journal.wrote({ where: whereIs(plan, peer, access.kubeconfig), app, peer, collection, id });
  const remove = session.undo(async () => {
    await source.delete(collection, id).catch((error: unknown) => {
      onLeft?.({ app, peer, collection, id });
      throw error;
    });
    journal.removed(id);
  });
  await source.insert(collection, { ...fields, _id: id });
  return { id, target, remove };
}

/** Checks only that two peers are connected, for a query of which no matching document is known. */
async function connectionOnly(session: Session, probe: Probe): Promise<Seen> {
  const states = await Promise.all(
    [probe.from, probe.to].map((peer) => session.live.connected(probe.replication, peer)),
  );
  const known = states.filter((state) => state !== undefined);
  if (known.length === 0)
    return { passed: false, message: `${probe.reason}; and the operator does not say whether it is connected` };
  const broken = known.find((state) => !state.status);
  return broken
    ? { passed: false, message: `not connected: ${broken.message}` }
    : { passed: true, message: `connected; no document was sent: ${probe.reason}` };
}

async function connectionFault(session: Session, probe: Probe): Promise<string> {
  const states = await Promise.all(
    [probe.from, probe.to].map((peer) => session.live.connected(probe.replication, peer).catch(() => undefined)),
  );
  const broken = states.find((state) => state && !state.status);
  return broken ? `: ${broken.message}` : "";
}

/** What the receiver subscribes to as it is now, which may be another thing than what is declared. */
async function liveFilter(session: Session, { replication, to, collection }: Probe): Promise<string> {
  const queries = await session.live.subscription(replication, to, collection).catch(() => undefined);
  if (queries === undefined) return "";
  const live = queries.length === 0 ? "nothing" : queries.join(" OR ");
  return `; its live filter for ${collection} is: ${maskedSentence(live)}`;
}

/** Where a document should have arrived, and the command that shows the receiver's side of the replication. */
function receiverOf(plan: Plan, { replication, to }: Probe): { what: string; next: string | undefined } {
  const peer = plan.peers.get(to);
  const side = plan.replications.get(replication)?.sides.find((each) => each.peer === to);
  const cluster = peer && plan.clusters.get(peer.cluster);
  if (!peer || !side || !cluster) return { what: `on ${to}`, next: undefined };
  const kind = plan.operator.kinds.replication.toLowerCase();
  return {
    what: `on ${to} in cluster "${cluster.name}"`,
    next: `${kubectlOf(cluster)} -n ${peer.namespace} describe ${kind} ${side.name}`,
  };
}
