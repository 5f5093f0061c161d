import type { Definition } from "../custom-resource-definition.ts";

/** The facts that a cluster shows of its operator: definitions, one Big Peer, and names around it, but never a value of a Secret. */
export interface OperatorFacts {
  readonly definitions: readonly Definition[];
  /** Every Big Peer that could be listed. The first is the one that is looked at. */
  readonly peers: readonly ObservedPeer[];
  /** cert-manager's Certificates in the namespace of the first Big Peer; undefined: they could not be listed. */
  readonly certificates: readonly ObservedCertificate[] | undefined;
  /** cert-manager's Issuers there. */
  readonly issuers: readonly ObservedIssuer[] | undefined;
  /** Secrets there, by their metadata alone. */
  readonly secrets: readonly ObservedSecret[] | undefined;
}

export interface ObservedPeer extends Owned {
  readonly namespace: string;
  readonly spec: unknown;
}

/** The parts of an object that tell to which Big Peer it belongs. */
interface Owned {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `<kind>/<name>` of each owner. */
  readonly owners: readonly string[];
}

export interface ObservedCertificate extends Owned {
  readonly secret: string;
  readonly isCa: boolean;
  /** Name of its issuer. */
  readonly issuer: string;
}

export interface ObservedIssuer {
  readonly name: string;
  /** The Secret of the CA by which it issues; undefined: it issues in another way, such as self-signed. */
  readonly caSecret: string | undefined;
}

export interface ObservedSecret extends Owned {
  /** The keys of its data, as the API server keeps them with its field managers; empty: not known. */
  readonly keys: readonly string[];
  /** The Certificate that it is issued for, by cert-manager's annotation. */
  readonly certificate: string | undefined;
}

/** `certain`: seen in use, or said outright. `likely`: one candidate, and it fits. `guess`: there are others. `unknown`: there is none. */
export type Confidence = "certain" | "likely" | "guess" | "unknown";

/** One setting of the contract, as a cluster answers it. */
export interface Settled {
  /** Below `operator`, such as `fields.bigPeer.trustedCas`. */
  readonly setting: string;
  /** As the topology file has it; undefined: nothing was found. */
  readonly value: unknown;
  readonly confidence: Confidence;
  /** The observations and their places, as parts of sentences for a person. */
  readonly evidence: readonly string[];
}

/** True if an object is made for a Big Peer: by its owner, a label's value, or its name. */
export function belongsTo(object: Owned, peer: string): boolean {
  return (
    object.owners.some((owner) => owner.endsWith(`/${peer}`)) ||
    Object.values(object.labels).includes(peer) ||
    placesOf(peer, object.name).length > 0
  );
}

/** The positions of a Big Peer's name in another name, as whole words between dashes and dots. */
export function placesOf(peer: string, name: string): number[] {
  const places: number[] = [];
  for (let at = name.indexOf(peer); at >= 0; at = name.indexOf(peer, at + 1)) {
    const [before = "-", after = "-"] = [name[at - 1], name[at + peer.length]];
    if (/[-.]/.test(before) && /[-.]/.test(after)) places.push(at);
  }
  return places;
}

/** `caSecretRefs` -> ca, secret, ref. */
export function wordsOf(name: string): string[] {
  const parts = name.match(/[A-Z]+(?![a-z])|[A-Z]+s(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  return parts.map((word) => word.toLowerCase().replace(/(?<=..)s$/, ""));
}
