import { isDeepStrictEqual } from "node:util";
import { valueAt } from "../../value-at.ts";
import { defaultOperator, type OperatorContract } from "../contract.ts";
import type { Definition } from "../custom-resource-definition.ts";
import { type FieldSchema, fieldSchema } from "../field-schema.ts";
import { settleCaSecret } from "./ca-secret.ts";
import type { OperatorFacts, Settled } from "./facts.ts";
import { settleAppProviders, settleDqlPermission, settleKafkaListener, settleWebhook } from "./providers.ts";
import { settleTrust } from "./trust-field.ts";

/** A setting as a cluster answers it, beside what the contract says now. */
export interface Judged extends Settled {
  readonly current: unknown;
  /** True if the contract says otherwise than what was found. */
  readonly differs: boolean;
}

/** Judges by a cluster's facts every setting of the contract that no public source states. It is pure. */
export function settleContract(contract: OperatorContract, facts: OperatorFacts): Judged[] {
  const { settled, served } = settleVersion(contract, facts);
  const bigPeer = schemaOf(served, facts.definitions, "bigPeer");
  const app = schemaOf(served, facts.definitions, "app");
  const all = [
    ...settled,
    ...(bigPeer
      ? [
          ...settleTrust(served, bigPeer, facts),
          ...settleWebhook(served, bigPeer),
          ...settleDqlPermission(served, bigPeer),
          ...settleKafkaListener(served, bigPeer),
        ]
      : [noDefinition(served)]),
    ...(app ? settleAppProviders(served, app) : []),
    ...settleCaSecret(served, facts),
  ];
  return all.map((each) => {
    const current = settingOf(contract, each.setting);
    return { ...each, current, differs: each.value !== undefined && !isDeepStrictEqual(each.value, current) };
  });
}

/** True if a finding is sure enough to be written into a topology without a person's judgement. */
export function isSure({ confidence }: Settled): boolean {
  return confidence === "certain" || confidence === "likely";
}

/** The `operator:` block that makes the contract fit: what is sure, where the defaults of this release do not say it already. */
export function operatorBlock(judged: readonly Judged[]): Record<string, unknown> {
  return judged
    .filter((each) => isSure(each) && each.value !== undefined)
    .filter(({ setting, value }) => !isDeepStrictEqual(settingOf(defaultOperator, setting), value))
    .reduce<Record<string, unknown>>((block, { setting, value }) => withSetting(block, setting.split("."), value), {});
}

function withSetting(block: object, [step = "", ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  const inner = valueAt(block, [step]);
  const below = typeof inner === "object" && inner !== null ? inner : {};
  return { ...block, [step]: rest.length === 0 ? value : withSetting(below, rest, value) };
}

/** The value of a setting such as `fields.bigPeer.trustedCas`. */
function settingOf(contract: OperatorContract, setting: string): unknown {
  return valueAt(contract, setting.split("."));
}

/** The group and the version under which the cluster serves a BigPeer, where the contract's are not among them. */
function settleVersion(contract: OperatorContract, { definitions }: OperatorFacts) {
  const { group, version, kinds } = contract;
  const ofKind = definitions.filter(({ kind }) => kind === kinds.bigPeer);
  const definition = ofKind.find((each) => each.group === group) ?? ofKind[0];
  if (!definition) return { settled: [], served: contract };
  const settled: Settled[] = [];
  const other = definition.group !== group;
  if (other)
    settled.push({
      setting: "group",
      value: definition.group,
      confidence: ofKind.length === 1 ? "certain" : "guess",
      evidence: ofKind.map((each) => `${each.name} is served`),
    });
  const versions = definition.versions.filter(({ served }) => served).map(({ name }) => name);
  const newest = versions.at(-1);
  const lacking = newest !== undefined && !versions.includes(version);
  if (lacking)
    settled.push({
      setting: "version",
      value: newest,
      confidence: versions.length === 1 ? "certain" : "likely",
      evidence: [`${definition.name} is served as ${versions.join(", ")}`],
    });
  return { settled, served: { ...contract, group: definition.group, version: lacking ? newest : version } };
}

function schemaOf(
  { group, version, kinds }: OperatorContract,
  definitions: readonly Definition[],
  kind: "bigPeer" | "app",
): FieldSchema | undefined {
  const definition = definitions.find((each) => each.group === group && each.kind === kinds[kind]);
  const found = definition?.versions.find(({ name, served }) => name === version && served);
  return found && fieldSchema(found.schema);
}

function noDefinition({ group, kinds }: OperatorContract): Settled {
  const evidence = [`the cluster serves no ${kinds.bigPeer} of ${group}; the operator is not installed there`];
  return { setting: "fields.bigPeer.trustedCas", value: undefined, confidence: "unknown", evidence };
}
