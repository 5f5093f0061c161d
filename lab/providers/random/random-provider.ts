import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { propertyChanges } from "../property-diff.ts";
import { asSecret, hasUnknown, type PropertyBag, type PropertyValue, revealBag } from "../property-values.ts";
import type { Diff, ExistingRef, ResourceProvider, ResourceRef, WriteRequest } from "../resource-provider.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const specialCharacters = "!@#$%&*()-_=+[]{}<>:?";

/** A stand-in of Pulumi's random provider: RandomUuid, RandomPassword, RandomString and RandomId, drawn once and then kept. */
export class RandomProvider implements ResourceProvider {
  readonly version = "4.21.2";

  configure(): void {}

  async check({ type }: ResourceRef, _olds: PropertyBag, news: PropertyBag): Promise<PropertyBag> {
    if (!(type in kinds)) throw new Error(`the stand-in of the random provider has no resource ${type}`);
    return news;
  }

  /** Any change draws anew. */
  async diff({ oldInputs }: ExistingRef, news: PropertyBag): Promise<Diff> {
    const changes = propertyChanges(revealBag(oldInputs), revealBag(news));
    return { changes, replaces: changes.map(({ path }) => path), deleteBeforeReplace: false };
  }

  async create({ type, inputs, preview }: WriteRequest): Promise<{ id: string; state: PropertyBag }> {
    // A value drawn in a preview would not be the one of the update.
    if (preview || hasUnknown(inputs)) return { id: "", state: inputs };
    const { id, values } = draw(type, revealBag(inputs));
    return { id, state: { ...inputs, ...values } };
  }

  async update({ inputs, state }: WriteRequest & ExistingRef): Promise<PropertyBag> {
    return { ...state, ...inputs };
  }

  async read({ id, state, oldInputs }: ExistingRef) {
    return { id, state, inputs: oldInputs };
  }

  async delete(): Promise<void> {}

  cancel(): void {}
}

interface Drawn {
  readonly id: string;
  readonly values: PropertyBag;
}

const kinds: Readonly<Record<string, (inputs: PropertyBag) => Drawn>> = {
  "random:index/randomUuid:RandomUuid": () => {
    const result = randomUUID();
    return { id: result, values: { result } };
  },
  "random:index/randomPassword:RandomPassword": (inputs) => {
    return { id: "none", values: { result: asSecret(text(inputs)) } };
  },
  "random:index/randomString:RandomString": (inputs) => {
    const result = text(inputs);
    return { id: result, values: { result } };
  },
  "random:index/randomId:RandomId": (inputs) => {
    const bytes = randomBytes(wholeNumber(inputs.byteLength, 8));
    const id = bytes.toString("base64url");
    return { id, values: { hex: bytes.toString("hex"), b64Url: id, b64Std: bytes.toString("base64") } };
  },
};

function draw(type: string, inputs: PropertyBag): Drawn {
  const kind = kinds[type];
  if (!kind) throw new Error(`the stand-in of the random provider has no resource ${type}`);
  return kind(inputs);
}

function text(inputs: PropertyBag): string {
  const special = typeof inputs.overrideSpecial === "string" ? inputs.overrideSpecial : specialCharacters;
  const alphabet = [
    inputs.lower === false ? "" : lower,
    inputs.upper === false ? "" : lower.toUpperCase(),
    inputs.numeric === false || inputs.number === false ? "" : digits,
    inputs.special === false ? "" : special,
  ].join("");
  return Array.from({ length: wholeNumber(inputs.length, 16) }, () => alphabet[randomInt(alphabet.length)]).join("");
}

function wholeNumber(value: PropertyValue | undefined, otherwise: number): number {
  return typeof value === "number" && Number.isInteger(value) ? value : otherwise;
}
