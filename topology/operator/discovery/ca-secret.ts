import { fillTemplate, type OperatorContract } from "../contract.ts";
import {
  belongsTo,
  type Confidence,
  type ObservedPeer,
  type OperatorFacts,
  placesOf,
  type Settled,
  wordsOf,
} from "./facts.ts";

interface Candidate {
  readonly secret: string;
  readonly score: number;
  readonly evidence: readonly string[];
}

const nameSetting = "caSecret.name";

/** Finds the operator's name for the Secret of a Big Peer's CA, and the data key of the certificate in it. */
export function settleCaSecret(contract: OperatorContract, facts: OperatorFacts): Settled[] {
  const [peer] = facts.peers;
  if (!peer) return [unknown(`no ${contract.kinds.bigPeer} exists yet; apply one and ask again`)];
  if (!facts.certificates && !facts.secrets)
    return [unknown(`neither the Certificates nor the Secrets of namespace ${peer.namespace} could be listed`)];
  const all = candidates(contract, peer, facts).sort((a, b) => b.score - a.score);
  const [best, next] = all;
  if (!best || best.score < 3)
    return [
      unknown(
        `nothing in namespace ${peer.namespace} that belongs to ${peer.name} looks like a CA${all.length > 0 ? `: ${all.map(({ secret }) => secret).join(", ")}` : ""}`,
      ),
    ];
  const rivals = all.slice(1).filter(({ score }) => best.score - score < 2);
  const found: Confidence =
    best.score >= 7 && rivals.length === 0 ? "certain" : rivals.length === 0 ? "likely" : "guess";
  const named = template(best.secret, peer, facts);
  return [
    {
      setting: nameSetting,
      value: named.template,
      confidence: named.doubt === undefined ? found : "guess",
      evidence: [
        ...best.evidence,
        ...(named.doubt === undefined ? [] : [named.doubt]),
        ...(named.fits === 0 ? [] : [`the same name fits ${named.fits} more Big Peer${named.fits === 1 ? "" : "s"}`]),
        ...(next && rivals.length > 0 ? [`as likely: ${rivals.map(({ secret }) => secret).join(", ")}`] : []),
      ],
    },
    ...certificateKey(contract, best.secret, facts),
  ];
}

function unknown(why: string): Settled {
  return { setting: nameSetting, value: undefined, confidence: "unknown", evidence: [why] };
}

function candidates(contract: OperatorContract, peer: ObservedPeer, facts: OperatorFacts): Candidate[] {
  const secrets = facts.secrets?.filter((each) => belongsTo(each, peer.name)) ?? [];
  const certificates = facts.certificates?.filter((each) => belongsTo(each, peer.name)) ?? [];
  const given = referenced(peer.spec);
  const names = new Set([
    ...certificates.map(({ secret }) => secret),
    ...secrets.filter(({ keys }) => keys.length === 0 || keys.some(isCertificate)).map(({ name }) => name),
    ...given,
  ]);
  const current = fillTemplate(contract.caSecret.name, { peer: peer.name });
  return [...names].flatMap((secret): Candidate[] => {
    // Ours hold the CAs of others.
    if (facts.secrets?.some(({ name, labels }) => name === secret && labels[managedBy] === "bigpeer-topology"))
      return [];
    if (facts.secrets && !facts.secrets.some(({ name }) => name === secret)) return [];
    const certificate = certificates.find((each) => each.secret === secret);
    const issuers = facts.issuers?.filter(({ caSecret }) => caSecret === secret) ?? [];
    const issued = certificates.filter(
      ({ issuer, secret: other }) => other !== secret && issuers.some(({ name }) => name === issuer),
    );
    const words = secret.replace(peer.name, "").split(/[-.]/).flatMap(wordsOf);
    const evidence = [
      ...(given.has(secret) ? [`${contract.kinds.bigPeer} ${peer.name} names ${secret} as its CA`] : []),
      ...(certificate?.isCa ? [`Certificate ${certificate.name} is a CA (isCA) and is kept in Secret ${secret}`] : []),
      ...(certificate && !certificate.isCa
        ? [`Certificate ${certificate.name} is kept in Secret ${secret}, and is not a CA`]
        : []),
      ...(issued.length > 0
        ? [`Issuer ${issuers[0]?.name} uses it to issue ${issued.map(({ name }) => name).join(", ")}`]
        : []),
      ...(certificate ? [] : [`Secret ${secret} belongs to ${peer.name}`]),
    ];
    const score =
      (given.has(secret) ? 9 : 0) +
      (certificate?.isCa ? 6 : 0) -
      (certificate && !certificate.isCa ? 3 : 0) +
      (issuers.length > 0 ? 3 : 0) +
      (words.includes("ca") || words.includes("authority") ? 3 : 0) -
      (words.some((word) => /^(jwt|inband|band|server|client|webhook|api|tl)$/.test(word)) ? 3 : 0) +
      (secret === current ? 1 : 0);
    return [{ secret, score, evidence }];
  });
}

const managedBy = "app.kubernetes.io/managed-by";

/** Names of Secrets that a BigPeer's own spec gives for its CA: `ca: { secretRef: { name } }`, `caSecretRef: { name }`. */
function referenced(spec: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: unknown, ofCa: boolean): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (ofCa && (key === "name" || key === "secretName") && typeof inner === "string") found.add(inner);
      else visit(inner, ofCa ? /secret|ref/i.test(key) : /^ca(secret|secretref|ref)?$/i.test(key));
    }
  };
  visit(spec, false);
  return found;
}

function isCertificate(key: string): boolean {
  return /\.(crt|pem|cer)$/.test(key) || key === "certificate";
}

/** The name with `{peer}` in place of the Big Peer's; where that is possible in several ways, the one that fits others, too. */
function template(
  secret: string,
  peer: ObservedPeer,
  facts: OperatorFacts,
): { template: string; fits: number; doubt?: string } {
  const ways = placesOf(peer.name, secret).map(
    (at) => `${secret.slice(0, at)}{peer}${secret.slice(at + peer.name.length)}`,
  );
  const { secrets = [], certificates = [] } = facts;
  const there = new Set([...secrets.map(({ name }) => name), ...certificates.map((each) => each.secret)]);
  // One that nothing is made for yet tells nothing.
  const others = facts.peers
    .slice(1)
    .filter(({ namespace }) => namespace === peer.namespace)
    .filter(({ name }) => [...secrets, ...certificates].some((each) => belongsTo(each, name)));
  const judged = ways
    .map((way) => ({
      way,
      fits: others.filter(({ name }) => there.has(fillTemplate(way, { peer: name }))).length,
    }))
    .sort((a, b) => b.fits - a.fits);
  const [best, next] = judged;
  if (!best) return { template: secret, fits: 0, doubt: `the name ${secret} does not contain ${peer.name}` };
  if (best.fits < others.length)
    return {
      template: best.way,
      fits: best.fits,
      doubt: `it does not fit ${others.length - best.fits} of the other Big Peers`,
    };
  if (next && next.fits === best.fits)
    return { template: best.way, fits: best.fits, doubt: `the name may also be read as ${next.way}` };
  return { template: best.way, fits: best.fits };
}

function certificateKey(contract: OperatorContract, secret: string, facts: OperatorFacts): Settled[] {
  const setting = "caSecret.certificateKey";
  const found = facts.secrets?.find(({ name }) => name === secret);
  const keys = found?.keys ?? [];
  if (keys.length === 0) return [];
  const has = `Secret ${secret} has the keys ${keys.join(", ")}`;
  // cert-manager's own contract; `ca.crt` beside it is the certificate of the issuer.
  if (keys.includes("tls.crt")) return [{ setting, value: "tls.crt", confidence: "certain", evidence: [has] }];
  const { certificateKey: current } = contract.caSecret;
  if (keys.includes(current)) return [{ setting, value: current, confidence: "likely", evidence: [has] }];
  const likely = keys.filter(isCertificate);
  const [first] = likely;
  if (first === undefined) return [{ setting, value: undefined, confidence: "unknown", evidence: [has] }];
  return [{ setting, value: first, confidence: likely.length === 1 ? "likely" : "guess", evidence: [has] }];
}
