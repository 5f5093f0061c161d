import { kubectlOf } from "../objects/kubectl.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { defaultTrustSecret, wholeResource } from "../plan/names.ts";
import type { Authorities } from "./authorities.ts";
import type { LeftOut } from "./left-out.ts";
import type { JoinedLink } from "./links.ts";
import type { LivePeer, LiveSide } from "./live-objects.ts";

/** What a peer's entry says of Secrets that an update would not make by itself. */
export interface ImportedTrust {
  /** By peer: `trustSecrets` and `otherTrustSecrets`, each only where it has something to say. */
  readonly entries: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly leftOut: readonly LeftOut[];
}

/** Whether two sides' peers trust each other by certificates; undefined where a certificate was not read. */
export function trustBetween(
  authorities: Authorities,
  peers: readonly LivePeer[],
): (one: LiveSide, other: LiveSide) => boolean | undefined {
  const peerOf = (side: LiveSide) => peers.find(({ cluster, name }) => cluster === side.cluster && name === side.peer);
  const trusts = (one: LivePeer | undefined, other: LivePeer | undefined) => {
    if (!one || !other) return undefined;
    const authority = authorities.of(other);
    const trusted = one.trusted.map((secret) => authorities.in(one, secret));
    if (authority.length === 0 || trusted.some((each) => each.length === 0)) return undefined;
    return trusted.some((each) => authority.every((certificate) => each.includes(certificate)));
  };
  return (one, other) => {
    const both = [trusts(peerOf(one), peerOf(other)), trusts(peerOf(other), peerOf(one))];
    if (both.includes(false)) return false;
    return both.includes(undefined) ? undefined : true;
  };
}

/**
 * Secrets by which peers trust others, under other names than those that an update would give them. One that holds the CAs of linked peers and
 * nothing else keeps its name. Any other stays on the list of its Big Peer as it is, since writing it might take trust away from somebody.
 * @param contexts of the clusters in the kubeconfig, by cluster
 * @param all the Big Peers of the clusters, also those that the topology does not have
 */
export function importTrust(
  contract: OperatorContract,
  contexts: ReadonlyMap<string, string>,
  {
    authorities,
    peers,
    all,
    links,
  }: {
    readonly authorities: Authorities;
    readonly peers: readonly LivePeer[];
    readonly all: readonly LivePeer[];
    readonly links: readonly JoinedLink[];
  },
): ImportedTrust {
  const entries = new Map<string, Readonly<Record<string, unknown>>>();
  const leftOut: LeftOut[] = [];
  for (const peer of peers) {
    const linked = linkedPeers(peer, peers, links);
    const usual = (other: LivePeer) => defaultTrustSecret(contract, peer.name, other.name, authorities.issuerOf(other));
    const named = new Map<string, string>();
    const isTrusted = (other: LivePeer) => named.has(other.name) || peer.trusted.includes(usual(other));
    const others: { readonly secret: string; readonly why: string }[] = [];
    for (const secret of new Set(peer.trusted)) {
      if (linked.some((other) => usual(other) === secret)) continue;
      const held = authorities.in(peer, secret);
      const holders = linked.filter((other) => holds(held, authorities.of(other)));
      const known = new Set(holders.flatMap((other) => authorities.of(other)));
      const left = holders.filter((other) => !isTrusted(other));
      const sharer = all.find((each) => isBeside(peer, each) && each.trusted.includes(secret));
      const why =
        authorities.untouchable(peer, secret) ??
        (held.length === 0
          ? "its certificates could not be read"
          : held.some((certificate) => !known.has(certificate))
            ? `it contains a CA that belongs to none of the Big Peers linked with ${peer.name} in these clusters`
            : sharer
              ? `${sharer.name} trusts it, too`
              : left.length < holders.length
                ? `it contains a CA that ${peer.name} also trusts through another Secret`
                : undefined);
      if (why !== undefined) others.push({ secret, why });
      else for (const other of inOrder(left, held, authorities)) named.set(other.name, secret);
    }
    const made = linked.filter((other) => !isTrusted(other)).map(usual);
    leftOut.push(...others.map((other) => listed(contract, contexts, peer, other, [...new Set(made)])));
    entries.set(peer.name, {
      ...(named.size === 0 ? {} : { trustSecrets: Object.fromEntries(named) }),
      ...(others.length === 0 ? {} : { otherTrustSecrets: others.map(({ secret }) => secret) }),
    });
  }
  return { entries, leftOut };
}

function holds(held: readonly string[], authority: readonly string[]): boolean {
  return authority.length > 0 && authority.every((certificate) => held.includes(certificate));
}

/** As their CAs are in a Secret: an operator may read the first one alone. */
function inOrder(peers: readonly LivePeer[], held: readonly string[], authorities: Authorities): LivePeer[] {
  const place = (peer: LivePeer) => held.indexOf(authorities.of(peer)[0] ?? "");
  return peers.toSorted((one, other) => place(one) - place(other));
}

function isBeside(peer: LivePeer, other: LivePeer): boolean {
  return other !== peer && other.cluster === peer.cluster && other.namespace === peer.namespace;
}

function linkedPeers(peer: LivePeer, peers: readonly LivePeer[], links: readonly JoinedLink[]): LivePeer[] {
  const names = links.flatMap(({ initiator, target }) =>
    initiator.peer === peer.name ? [target.peer] : target.peer === peer.name ? [initiator.peer] : [],
  );
  return peers.filter((other) => other !== peer && names.includes(other.name));
}

/** @param made the Secrets that an update makes for the same peer, since no Secret of its list can carry them */
function listed(
  contract: OperatorContract,
  contexts: ReadonlyMap<string, string>,
  { cluster, namespace, name }: LivePeer,
  { secret, why }: { readonly secret: string; readonly why: string },
  made: readonly string[],
): LeftOut {
  const kubectl = kubectlOf({ name: cluster, context: contexts.get(cluster) ?? cluster });
  const edit = `${kubectl} -n ${namespace} edit ${wholeResource(contract, "bigPeer")} ${name}`;
  const beside = made.length === 0 ? "" : `; an update lists ${made.join(", ")} beside it`;
  return {
    cluster,
    object: `Secret ${namespace}/${secret}`,
    reason: `${name} trusts it, and ${why}, so it stays on the list as it is (\`peers.${name}.otherTrustSecrets\`)${beside}`,
    offer: `nothing to do while it is needed; to remove it${made.length === 0 ? "" : " after the update"}, take it out of \`otherTrustSecrets\` and off the list (${edit}), then run pulumi up; delete the Secret last, since a Big Peer that lists a missing Secret may stop being Ready`,
  };
}
