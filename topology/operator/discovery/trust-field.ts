import { ownProperty } from "../../own-property.ts";
import { valueAt } from "../../value-at.ts";
import type { OperatorContract } from "../contract.ts";
import { describeType, type FieldSchema, namedFields } from "../field-schema.ts";
import { readShape } from "../shape.ts";
import { type EntryShape, entryShape } from "./entry-shape.ts";
import { type Confidence, type OperatorFacts, type Settled, wordsOf } from "./facts.ts";

interface Candidate {
  readonly path: string;
  readonly field: FieldSchema;
  readonly entry: EntryShape;
  readonly score: number;
  /** True if its name or description speaks of both trust and CAs. */
  readonly outright: boolean;
  readonly evidence: readonly string[];
  /** True if a Big Peer uses it for a Secret that is there. */
  readonly used: boolean;
}

/** Lower than this, a list has nothing to do with trust. */
const plausible = 4;
/** The lead that the best candidate needs over the second. */
const clear = 3;

/** Finds the field in which a BigPeer lists the CAs that it trusts, and the form of an entry. */
export function settleTrust(contract: OperatorContract, schema: FieldSchema, facts: OperatorFacts): Settled[] {
  const setting = "fields.bigPeer.trustedCas";
  const { bigPeer } = contract.kinds;
  const all = candidates(contract, schema, facts);
  const [best, next] = all;
  if (!best) {
    const open = schema.preservesUnknown || ownProperty(schema.properties, "spec")?.preservesUnknown === true;
    const why = open
      ? `the definition of ${bigPeer} accepts any field, so it does not show which one is for trusted CAs`
      : `${bigPeer}.spec has no list whose name or description mentions trust or CAs`;
    return [
      { setting, value: undefined, confidence: "unknown", evidence: [why] },
      { setting: "shapes.trustedCa", value: undefined, confidence: "unknown", evidence: [why] },
    ];
  }
  const rivals = all.slice(1).filter(({ score }) => best.score - score < clear);
  const confidence: Confidence =
    best.used && !next?.used ? "certain" : best.outright && rivals.length === 0 ? "likely" : "guess";
  const others = all.slice(1, 4).map(({ path, field }) => `${path} (${describeType(field)})`);
  const evidence = [
    ...best.evidence,
    ...(others.length > 0 ? [`${rivals.length > 0 ? "as likely" : "less likely"}: ${others.join(", ")}`] : []),
  ];
  return [{ setting, value: best.path, confidence, evidence }, shapeOf(contract, best, confidence)];
}

function shapeOf({ kinds }: OperatorContract, { path, field, entry }: Candidate, confidence: Confidence): Settled {
  const { shape, unfilled } = entry;
  const said = `an entry of ${kinds.bigPeer}.${path} is ${field.items ? describeType(field.items) : "not described"}`;
  const missing = unfilled.map((each) => `it also requires ${each}, and what belongs there is unknown`);
  return {
    setting: "shapes.trustedCa",
    value: shape,
    // The schema says outright how an entry is written; it is as sure as the field is.
    confidence: unfilled.length > 0 ? "guess" : confidence,
    evidence: [said, ...missing],
  };
}

function candidates(contract: OperatorContract, schema: FieldSchema, facts: OperatorFacts): Candidate[] {
  const { trustedCas, ...others } = contract.fields.bigPeer;
  const taken = new Set(Object.values(others));
  return namedFields(schema)
    .flatMap(({ path, schema: field }): Candidate[] => {
      const name = path.join(".");
      const entry = field.type === "array" && field.items ? entryShape(field.items) : undefined;
      if (path[0] !== "spec" || taken.has(name) || !entry) return [];
      const judged = judge(contract, path, field, entry, facts);
      return judged.score >= plausible ? [{ path: name, field, entry, ...judged }] : [];
    })
    .sort((a, b) => b.score - a.score || Number(b.path === trustedCas) - Number(a.path === trustedCas));
}

const caWord = /^(ca|cert|certificate|authority|authoritie|bundle|root)$/;
const foreignWord = /^(pull|image|env|toleration|affinity|selector|kafka|bucket|zookeeper|volume)$/;

function judge(
  { kinds, fields }: OperatorContract,
  path: readonly string[],
  field: FieldSchema,
  entry: EntryShape,
  facts: OperatorFacts,
): Pick<Candidate, "score" | "outright" | "evidence" | "used"> {
  const name = path.join(".");
  const words = path.slice(1).flatMap(wordsOf);
  const text = field.description;
  const trust = { named: words.some((word) => word.startsWith("trust")), described: /\btrust/i.test(text) };
  const ca = {
    named: words.some((word) => caWord.test(word)),
    described: /\bCAs?\b|certificate authorit/i.test(text),
  };
  const users = facts.peers.flatMap((peer) => {
    const known = new Set(facts.secrets?.map((secret) => secret.name));
    const listed = valueAt(peer.spec, path.slice(1));
    const secrets = (Array.isArray(listed) ? listed : []).flatMap(
      (each: unknown) => readShape(withoutKey(entry), each)?.secret ?? [],
    );
    // Without a list of Secrets, that somebody has written any is what there is.
    const there = facts.secrets ? secrets.filter((each) => known.has(each)) : secrets;
    return there.length > 0 ? [{ peer: peer.name, secrets: there }] : [];
  });
  const foreign = words.some((word) => foreignWord.test(word));
  const used = users.length > 0 && (trust.named || trust.described || ca.named || ca.described) && !foreign;
  const score =
    (trust.named ? 4 : 0) +
    (trust.described ? 3 : 0) +
    (ca.named ? 2 : 0) +
    (ca.described ? 2 : 0) +
    (words.includes("secret") || words.includes("ref") ? 1 : 0) +
    (words.some((word) => /^(replication|peer|remote)$/.test(word)) ? 1 : 0) +
    (name === fields.bigPeer.trustedCas ? 1 : 0) +
    (used ? 6 : 0) -
    (foreign ? 8 : 0) -
    3 * entry.unfilled.length;
  const evidence = [
    `${kinds.bigPeer}.${name} is a ${describeType(field)}${text === "" ? "" : `, described as "${shortened(text)}"`}`,
    ...(used ? users.map(({ peer, secrets }) => `${peer} lists ${secrets.join(", ")} there`) : []),
  ];
  const outright = (trust.named || trust.described) && (ca.named || ca.described);
  return { score, outright, evidence, used };
}

/** The shape without the data key, which somebody who writes an entry by hand may have left to its default. */
function withoutKey({ shape }: EntryShape): EntryShape["shape"] {
  if (typeof shape !== "object" || shape === null) return shape;
  return Object.fromEntries(Object.entries(shape).filter(([, inner]) => inner !== "{key}"));
}

function shortened(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > 120 ? `${flat.slice(0, 117)}…` : flat;
}
