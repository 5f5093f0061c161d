import type { Path } from "../findings/finding.ts";
import { editDistance, suggestion } from "../findings/suggest.ts";
import { ownProperty } from "../own-property.ts";
import { knownKeys, placeOf, wayTo } from "./schema-advice.ts";

/** What to write instead of a key that its place does not have.
 * @param present the keys that stand there, this one included */
export function insteadOf(key: string, path: Path, present: ReadonlySet<string> = new Set()): string {
  const all = knownKeys(path);
  const known = all.filter((each) => !present.has(each));
  const twice = all.find((each) => present.has(each) && editDistance(each.toLowerCase(), key.toLowerCase()) <= 1);
  const misspelt = known.find((each) => editDistance(each.toLowerCase(), key.toLowerCase()) <= 1);
  if (misspelt !== undefined) return `did you mean "${misspelt}"?`;
  if (twice !== undefined) return `remove it: \`${twice}\` is already there`;
  const meant = ownProperty(ownProperty(elsewhere, placeOf(path) || "topology"), key.toLowerCase());
  if (meant !== undefined) return known.includes(meant) ? `write \`${meant}\`` : meant;
  const way = wayTo(key, path);
  if (way)
    return `it belongs in \`${way.join(".")}\`: \`${way.map((step) => `${step}: { `).join("")}${key}: …${" }".repeat(way.length)}\``;
  const section = path.length === 2 && sections.find((each) => knownKeys([each, "any"]).includes(key));
  if (section) return `it is a key of the entries of \`${section}\`; ${suggestion(key, known, "key")}`;
  return suggestion(key, known, "key");
}

const sections = ["clusters", "peers", "apps", "replications"] as const;

const forms =
  "write `between: [a, b]` for both directions, `from: a` and `to: b` for one, `mesh` or `hub` and `spokes` for more";
const addresses = "leave it out: addresses are planned, and `dial` says who dials";
const providers =
  "write `playground: {}` (in development), or `webhooks: { <name>: { url: https://… } }`, in place of the operator's providers";

/**
 * What people write who know the operator's objects, or other programs, by the place where they write it. In lower
 * case.
 */
const elsewhere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  topology: {
    bigpeers: "peers",
    databases: "apps",
    links: "replications",
    connections: "replications",
    env: "environment",
  },
  clusters: { kubecontext: "context", ns: "namespace" },
  peers: {
    apps: "name the peer in the app instead: `apps: { <app>: { peers: [<peer>] } }`",
    replications: "write it under `replications` of the topology, once for both sides",
    size: "write `store: { storage: 100Gi }`",
    hostname: "host",
  },
  apps: { appid: "id", databaseid: "id", uuid: "id", bigpeers: "peers", members: "peers" },
  replications: {
    source: "from",
    target: "to",
    destination: "to",
    dest: "to",
    query: "queries",
    filter: "queries",
    where: "queries",
    subscriptions: "queries",
    queriesbycollection: "queries",
    collections: "queries",
    collection: "queries",
    peers: forms,
    members: forms,
    bidirectional: forms,
    direction: forms,
    mode: forms,
    type: forms,
    connections: addresses,
    address: addresses,
    host: addresses,
    initiator: "dial",
    dialler: "dial",
    dialer: "dial",
  },
  "peers.store": { storagesize: "storage", size: "storage", disk: "storage" },
  "peers.auth": { providers, anonymous: "playground", webhookurl: "webhooks" },
  "apps.auth": { providers, anonymous: "playground", webhookurl: "webhooks" },
  "peers.auth.playground": { sharedtoken: "token", permission: "permissions" },
  "apps.auth.playground": { sharedtoken: "token", permission: "permissions" },
};
