import fc from "fast-check";
import { stringify } from "yaml";
import type { Plan } from "../../topology/plan/plan.ts";
import { type Judged, judgeFiles } from "./judge.ts";

/** A topology as its author would write it, as far as the soak edits it. */
export interface Model {
  readonly peers: Readonly<Record<string, string>>;
  readonly apps: Readonly<Record<string, { readonly id?: string; readonly peers: readonly string[] }>>;
  readonly replications: Readonly<Record<string, Replication>>;
  /** The rows of a family of sites, in a table of its own. */
  readonly stores: Readonly<Record<string, Store>>;
  /** True: one issuer signs the CAs of all peers, but for those that keep one of their own. */
  readonly issued: boolean;
  readonly ownCa: readonly string[];
}

interface Store {
  /** What it pulls. */
  readonly store: string;
  /** Its label; only open ones take part in the replication of stock. */
  readonly tier: "open" | "closed";
}

interface Replication {
  readonly app: string;
  readonly form: "between" | "one-way" | "hub" | "mesh";
  readonly members: readonly string[];
  readonly turned: boolean;
  readonly narrow: boolean;
}

/** One edit, by numbers that choose among what the topology has at that moment. */
interface Choice {
  readonly kind: keyof typeof editors;
  readonly picks: readonly number[];
}

/** An edit that has been made. */
export interface Edit {
  readonly what: string;
  readonly model: Model;
  /** The topology and what it is made of, by their names; the topology first. */
  readonly files: Readonly<Record<string, string>>;
  readonly plan: Plan;
  /** Whether another CA signs what some peers show: an update is due before the new CAs exist, and one after. */
  readonly movesTrust: boolean;
  /** For whatever else has to be chosen after this edit. */
  readonly pick: (from: number) => number;
}

const clusters = {
  north: { ingress: { host: "north.example.com", ports: "4040-4139" } },
  // No host: dialled by the address of its controller's load balancer.
  south: { ingress: { ports: "4040-4139" } },
  edge: { inbound: "none" },
};
const peerNames = ["p0", "p1", "p2", "p3", "p4", "p5"];
const replicationNames = ["r0", "r1", "r2", "r3", "r4", "r5", "r6"];
const alternatives = 40;

/** The ClusterIssuer that has to be in every cluster. */
export const soakIssuer = "big-peers";

/** What every soak begins with. */
export const first: Model = {
  peers: { p0: "north", p1: "south", p2: "edge" },
  apps: {
    cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7", peers: ["p0", "p1", "p2"] },
    vans: { peers: ["p0", "p1"] },
  },
  replications: {
    r0: { app: "cars", form: "between", members: ["p0", "p1"], turned: false, narrow: false },
    r1: { app: "cars", form: "hub", members: ["p0", "p2"], turned: false, narrow: false },
  },
  stores: { s0: { store: "st'0", tier: "open" } },
  issued: false,
  ownCa: [],
};

/** What a store is, in a file that the topology includes. */
const storesFile = `sites:
  stores:
    table: stores.csv
    peers:
      "{site.name}": { cluster: edge, labels: { tier: "{site.tier}", store: "{site.store}" } }
peers:
  h0: { cluster: north }
apps:
  stock: { peers: [h0, { labels: { tier: [open, closed] } }] }
replications:
  stock: { app: stock, hub: h0, spokes: { labels: { tier: open } }, down: { stock: "storeId = {spoke.labels.store}" } }
`;

/** A topology of three files: what the soak has edited from the beginning, a family of sites, and its table. */
export function filesOf(model: Model): Record<string, string> {
  const rows = Object.entries(model.stores).map(([name, { store, tier }]) => `${name},${tier},${store}\n`);
  return {
    "topology.yaml": textOf(model),
    "stores/stores.yaml": storesFile,
    "stores/stores.csv": `name,tier,store\n${rows.join("")}`,
  };
}

/** What is edited, as a person sees it. */
export function editedText(files: Readonly<Record<string, string>>): string {
  return `${files["topology.yaml"]}stores.csv:\n${files["stores/stores.csv"]}`;
}

function textOf({ peers, apps, replications, issued, ownCa }: Model): string {
  return stringify(
    {
      environment: "development",
      ...(issued ? { caIssuer: { name: soakIssuer } } : {}),
      include: "stores",
      defaults: { peers: { version: "1.63.2" } },
      clusters,
      peers: mapped(peers, (cluster, name) => ({ cluster, ...(ownCa.includes(name) ? { caIssuer: "none" } : {}) })),
      apps,
      replications: mapped(replications, written),
    },
    { aliasDuplicateObjects: false },
  );
}

function written({ app, form, members, turned, narrow }: Replication, name: string): Record<string, unknown> {
  const [a = "", ...others] = members;
  const [b = ""] = others;
  const queries = { [app]: [`color = '${name}'${narrow ? " AND size > 3" : ""}`] };
  switch (form) {
    case "between":
      return { app, between: [a, b], queries, ...(turned ? { dial: b } : {}) };
    case "one-way":
      return { app, from: a, to: b, queries, ...(turned ? { dial: "to" } : {}) };
    case "hub":
      return { app, hub: a, spokes: others, down: queries, ...(turned ? { dial: "hub" } : {}) };
    case "mesh":
      return { app, mesh: members, queries };
  }
}

/** Edits in a row, the same for the same seed: each changes the plan, and none is refused. */
export function* editsOf(seed: number, count: number): Generator<Edit> {
  const choice = fc.record({
    kind: fc.noBias(fc.constantFrom(...kinds)),
    picks: fc.array(fc.noBias(fc.nat()), { minLength: 9, maxLength: 9 }),
  });
  const rows = fc.sample(fc.array(choice, { minLength: alternatives, maxLength: alternatives }), {
    seed,
    numRuns: count,
  });
  let model = first;
  for (const row of rows) {
    const edit = firstPossible(model, row);
    model = edit.model;
    yield edit;
  }
}

function firstPossible(model: Model, row: readonly Choice[]): Edit {
  const before = judgeFiles(filesOf(model));
  for (const { kind, picks } of row) {
    const pick = (index: number) => picks[index % picks.length] ?? 0;
    const edited = editors[kind](model, pick);
    if (!edited) continue;
    const files = filesOf(edited.model);
    const { plan, planned }: Judged = judgeFiles(files);
    if (plan && planned !== before.planned)
      return { ...edited, files, plan, pick, movesTrust: kind === "issuer" || kind === "own-ca" };
  }
  throw new Error(`none of ${alternatives} edits can be made of\n${textOf(model)}`);
}

type Editor = (
  model: Model,
  pick: (index: number) => number,
) => { readonly what: string; readonly model: Model } | undefined;

const editors = {
  "add-peer": (model, pick) => {
    const name = oneOf(peerNames.filter(isNewIn(model.peers)), pick(0));
    const cluster = oneOf(Object.keys(clusters), pick(1));
    if (name === undefined || cluster === undefined) return undefined;
    const both = pick(2) % 2 === 0;
    const apps = mapped(model.apps, (app, key) =>
      both || key === "cars" ? { ...app, peers: [...app.peers, name] } : app,
    );
    return { what: `add ${name} to ${cluster}`, model: { ...model, peers: { ...model.peers, [name]: cluster }, apps } };
  },
  "remove-peer": (model, pick) => {
    const name = oneOf(Object.keys(model.peers), pick(0));
    if (name === undefined || Object.keys(model.peers).length < 4) return undefined;
    const apps = mapped(model.apps, (app) => ({ ...app, peers: app.peers.filter((peer) => peer !== name) }));
    if (Object.values(apps).some(({ peers }) => peers.length === 0)) return undefined;
    const remaining = Object.entries(model.replications).flatMap(([key, each]) => {
      const members = each.members.filter((peer) => peer !== name);
      const whole = members.length === each.members.length;
      // A pair without one of its two is nothing, and spokes without their hub are not either.
      const torn = members.length < 2 || (each.form === "hub" && each.members[0] === name);
      return whole ? [[key, each]] : torn ? [] : [[key, { ...each, members }]];
    });
    const peers = without(model.peers, name);
    return { what: `remove ${name}`, model: { ...model, peers, apps, replications: Object.fromEntries(remaining) } };
  },
  "move-peer": (model, pick) => {
    const name = oneOf(Object.keys(model.peers), pick(0));
    const cluster = oneOf(Object.keys(clusters), pick(1));
    if (name === undefined || cluster === undefined || model.peers[name] === cluster) return undefined;
    return { what: `move ${name} to ${cluster}`, model: { ...model, peers: { ...model.peers, [name]: cluster } } };
  },
  "add-replication": (model, pick) => {
    const name = oneOf(replicationNames.filter(isNewIn(model.replications)), pick(0));
    const app = oneOf(Object.keys(model.apps), pick(1));
    const form = oneOf(["between", "one-way", "hub", "mesh"] as const, pick(2));
    if (name === undefined || app === undefined || form === undefined) return undefined;
    const peers = (model.apps[app]?.peers ?? [])
      .map((peer, index) => ({ peer, order: pick(3 + index) }))
      .sort((a, b) => a.order - b.order)
      .map(({ peer }) => peer);
    const members = peers.slice(0, form === "hub" || form === "mesh" ? 3 : 2);
    if (members.length < 2) return undefined;
    const added = { app, form, members, turned: pick(8) % 2 === 0, narrow: false };
    return {
      what: `add ${name}: ${form} of ${members.join(", ")}`,
      model: { ...model, replications: { ...model.replications, [name]: added } },
    };
  },
  "remove-replication": (model, pick) => {
    const name = oneOf(Object.keys(model.replications), pick(0));
    if (name === undefined) return undefined;
    return { what: `remove ${name}`, model: { ...model, replications: without(model.replications, name) } };
  },
  turn: (model, pick) => changed(model, pick(0), "turn", (each) => ({ ...each, turned: !each.turned })),
  narrow: (model, pick) => changed(model, pick(0), "narrow", (each) => ({ ...each, narrow: !each.narrow })),
  issuer: (model) => ({ what: model.issued ? "unsign" : "sign", model: { ...model, issued: !model.issued } }),
  "own-ca": (model, pick) => {
    const name = oneOf(Object.keys(model.peers), pick(0));
    if (name === undefined) return undefined;
    const has = model.ownCa.includes(name);
    const ownCa = has ? model.ownCa.filter((each) => each !== name) : [...model.ownCa, name];
    return { what: `${has ? "issued-ca" : "own-ca"} ${name}`, model: { ...model, ownCa } };
  },
  "add-row": (model, pick) => {
    const name = oneOf(storeNames.filter(isNewIn(model.stores)), pick(0));
    if (name === undefined) return undefined;
    const row: Store = { store: `st-${pick(1) % 100}`, tier: pick(2) % 4 === 0 ? "closed" : "open" };
    return { what: `add-row ${name}`, model: { ...model, stores: { ...model.stores, [name]: row } } };
  },
  "edit-row": (model, pick) =>
    changedStore(model, pick(0), "edit-row", (row) => ({ ...row, store: `st-${pick(1) % 100}` })),
  relabel: (model, pick) =>
    changedStore(model, pick(0), "relabel", (row) => ({ ...row, tier: row.tier === "open" ? "closed" : "open" })),
  "remove-row": (model, pick) => {
    const name = oneOf(Object.keys(model.stores), pick(0));
    if (name === undefined) return undefined;
    return { what: `remove-row ${name}`, model: { ...model, stores: without(model.stores, name) } };
  },
} satisfies Record<string, Editor>;

const storeNames = ["s0", "s1", "s2", "s3"];

/** A replication needs a spoke, so the last one that is open stays so: the topology would be refused. */
function changedStore(model: Model, pick: number, verb: string, change: (row: Store) => Store) {
  const name = oneOf(Object.keys(model.stores), pick);
  const before = name === undefined ? undefined : model.stores[name];
  if (name === undefined || before === undefined) return undefined;
  return { what: `${verb} ${name}`, model: { ...model, stores: { ...model.stores, [name]: change(before) } } };
}

/** How often each comes is by how often it stands here: peers that go take replications along, so these are added more often. */
const kinds = [
  ...(["add-replication", "add-replication", "add-replication", "add-replication"] as const),
  ...(["turn", "turn", "narrow", "narrow", "move-peer", "move-peer"] as const),
  ...(["add-peer", "remove-peer", "remove-replication"] as const),
  ...(["add-row", "edit-row", "relabel", "remove-row"] as const),
  ...(["issuer", "own-ca"] as const),
];

function changed(model: Model, pick: number, verb: string, change: (each: Replication) => Replication) {
  const name = oneOf(Object.keys(model.replications), pick);
  const before = name === undefined ? undefined : model.replications[name];
  if (name === undefined || before === undefined) return undefined;
  const after = change(before);
  const back = verb === "narrow" && before.narrow;
  return {
    what: `${back ? "widen" : verb} ${name}`,
    model: { ...model, replications: { ...model.replications, [name]: after } },
  };
}

function oneOf<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % Math.max(1, list.length)];
}

function isNewIn(record: object): (name: string) => boolean {
  return (name) => !Object.hasOwn(record, name);
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

function mapped<T, U>(record: Readonly<Record<string, T>>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
