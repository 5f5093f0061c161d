import { z } from "zod";
import { type TopologyDiff, topologyDiffSchema } from "../diff/schema.ts";
import type { Plan } from "../plan/plan.ts";
import { maskedSentence } from "../secrets/texts.ts";
import { linkId, type State, type StateSource, type Told } from "./page-data.ts";

/** What a command has said of peers, by name, and of links, by ID. */
export interface States {
  readonly peers: ReadonlyMap<string, Told>;
  readonly links: ReadonlyMap<string, Told>;
  /** Links that are gone after a change. */
  readonly removedLinks: readonly {
    readonly replication: string;
    readonly app: string;
    readonly initiator: string;
    readonly target: string;
  }[];
  /** Peers that are gone, with a short description. */
  readonly removedPeers: ReadonlyMap<string, string>;
}

const statusOutput = z.looseObject({
  version: z.literal(1),
  rows: z.array(
    z.looseObject({
      source: z.string(),
      ref: z.looseObject({ cluster: z.string(), kind: z.string(), namespace: z.string(), name: z.string() }),
      exposure: z.looseObject({ peer: z.string(), port: z.number() }).optional(),
      live: z.string().optional(),
      deployed: z.string(),
      problems: z.array(z.looseObject({ what: z.string(), mend: z.string() })),
    }),
  ),
});

const verifyOutput = z.looseObject({
  version: z.literal(1),
  results: z.array(
    z.looseObject({
      probe: z.looseObject({ replication: z.string(), from: z.string(), to: z.string(), collection: z.string() }),
      passed: z.boolean(),
      milliseconds: z.number(),
      message: z.string(),
    }),
  ),
  trust: z.array(z.looseObject({ truster: z.string(), what: z.string(), mend: z.string() })),
});

/** Reads what a command has printed with `--json`.
 * @throws z.ZodError if it is something else */
export function statesOf(source: StateSource, plan: Plan, output: unknown): States {
  if (source === "status") return statusStates(plan, statusOutput.parse(output).rows);
  if (source === "verify") return verifyStates(plan, verifyOutput.parse(output));
  return diffStates(plan, topologyDiffSchema.parse(output));
}

/** Collects what is said of each element; the worst decides its state. */
class Collected {
  readonly #told = new Map<string, { state: State; lines: Set<string> }>();

  add(id: string, state: State, line?: string): void {
    const known = this.#told.get(id) ?? { state, lines: new Set<string>() };
    if (weight.indexOf(state) > weight.indexOf(known.state)) known.state = state;
    if (line !== undefined) known.lines.add(maskedSentence(line));
    this.#told.set(id, known);
  }

  get told(): ReadonlyMap<string, Told> {
    return new Map([...this.#told].map(([id, { state, lines }]) => [id, { state, lines: [...lines] }]));
  }
}

const weight: readonly State[] = ["ok", "unknown", "changed", "breaks", "added", "removed", "problem"];

function* linksOf(plan: Plan): Iterable<{ id: string; replication: string; initiator: string; target: string }> {
  for (const { name: replication, links } of plan.replications.values())
    for (const { initiator, target } of links)
      yield { id: linkId(replication, initiator, target), replication, initiator, target };
}

function statusStates(plan: Plan, rows: z.output<typeof statusOutput>["rows"]): States {
  const [peers, links] = [new Collected(), new Collected()];
  const owners = ownersOf(plan);
  const sides = new Map<string, string[]>();
  for (const { id, replication, initiator, target } of linksOf(plan))
    for (const peer of [initiator, target]) {
      const key = JSON.stringify([replication, peer]);
      sides.set(key, [...(sides.get(key) ?? []), id]);
    }
  for (const { ref, exposure, live, deployed, problems } of rows) {
    const key = [ref.cluster, ref.namespace, ref.kind, ref.name].join("/");
    const { peer, replication } = owners.get(key) ?? { peer: exposure?.peer, replication: undefined };
    if (peer === undefined) continue;
    const unknown = live === "unknown" || deployed === "unknown";
    const state: State = problems.length > 0 ? (unknown ? "unknown" : "problem") : "ok";
    const what = exposure ? `port ${exposure.port}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
    const lines = problems.map((problem) => `${what} ${problem.what}; fix: ${problem.mend}`);
    const note = (told: Collected, id: string) => {
      told.add(id, state);
      for (const line of lines) told.add(id, state, line);
    };
    note(peers, peer);
    for (const id of sides.get(JSON.stringify([replication, peer])) ?? []) note(links, id);
  }
  return { peers: peers.told, links: links.told, removedLinks: [], removedPeers: new Map() };
}

/** For each object of a peer: the peer, and the replication that it is a side of. */
function ownersOf(plan: Plan): ReadonlyMap<string, { peer: string; replication: string | undefined }> {
  const { kinds } = plan.operator;
  const owners = new Map<string, { peer: string; replication: string | undefined }>();
  for (const { name, cluster, namespace } of plan.peers.values())
    owners.set([cluster, namespace, kinds.bigPeer, name].join("/"), { peer: name, replication: undefined });
  for (const { objects } of plan.apps.values())
    for (const { cluster, namespace, name, peer } of objects)
      owners.set([cluster, namespace, kinds.app, name].join("/"), { peer, replication: undefined });
  for (const replication of plan.replications.values())
    for (const { cluster, namespace, name, peer } of replication.sides)
      owners.set([cluster, namespace, kinds.replication, name].join("/"), { peer, replication: replication.name });
  return owners;
}

function verifyStates(plan: Plan, { results, trust }: z.output<typeof verifyOutput>): States {
  const [peers, links] = [new Collected(), new Collected()];
  const ids = new Map(
    [...linksOf(plan)].flatMap(({ id, replication, initiator, target }) => [
      [JSON.stringify([replication, initiator, target]), id] as const,
      [JSON.stringify([replication, target, initiator]), id] as const,
    ]),
  );
  for (const { probe, passed, message, milliseconds } of results) {
    const { replication, from, to, collection } = probe;
    const state = passed ? "ok" : "problem";
    const line = `${collection} from ${from} to ${to}: ${message}${passed ? ` (${milliseconds} ms)` : ""}`;
    const id = ids.get(JSON.stringify([replication, from, to]));
    if (id !== undefined) links.add(id, state, line);
    for (const peer of [from, to]) peers.add(peer, state, passed ? undefined : `${replication}: ${line}`);
  }
  for (const { truster, what, mend } of trust) peers.add(truster, "problem", `${what}; fix: ${mend}`);
  return { peers: peers.told, links: links.told, removedLinks: [], removedPeers: new Map() };
}

function diffStates(plan: Plan, diff: TopologyDiff): States {
  const [peers, links] = [new Collected(), new Collected()];
  for (const { action, name, summary, fields } of diff.peers) {
    peers.add(name, action, `${action}: ${summary}`);
    for (const { path, before, after } of fields) peers.add(name, action, `${path}: ${text(before)} -> ${text(after)}`);
  }
  for (const { name, links: changed, subscriptions } of diff.replications) {
    for (const { effect, initiator, target, before, after } of changed) {
      const state = effect === "added" || effect === "removed" ? effect : "changed";
      const addresses = before !== undefined && after !== undefined ? `: ${before} -> ${after}` : "";
      links.add(linkId(name, initiator, target), state, `the link is ${effect}${addresses}`);
    }
    for (const { id, initiator, target } of [...linksOf(plan)].filter(({ replication }) => replication === name))
      for (const { peer, collection, added, removed } of subscriptions)
        if (peer === initiator || peer === target) {
          for (const query of removed)
            links.add(id, "changed", `${peer} no longer subscribes to ${collection}: ${query}`);
          for (const query of added) links.add(id, "changed", `${peer} subscribes to ${collection}: ${query}`);
        }
  }
  for (const { replication, peers: ends, reasons } of diff.interruptions)
    for (const link of linksOf(plan))
      if (link.replication === replication && ends.includes(link.initiator) && ends.includes(link.target))
        for (const reason of reasons) links.add(link.id, "breaks", `breaks once: ${reason}`);
  const removedLinks = diff.replications.flatMap(({ name, app, links: changed }) =>
    changed
      .filter(({ effect }) => effect === "removed")
      .map(({ initiator, target }) => ({ replication: name, app, initiator, target })),
  );
  const removed = diff.peers.filter(({ action }) => action === "removed");
  const removedPeers = new Map(removed.map(({ name, summary }) => [name, summary]));
  return { peers: peers.told, links: links.told, removedLinks, removedPeers };
}

function text(value: unknown): string {
  return value === undefined ? "-" : typeof value === "string" ? value : JSON.stringify(value);
}
