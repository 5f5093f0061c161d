import { Output, output, Resource, RunError } from "@pulumi/pulumi";
import { carry } from "./carried-inputs.ts";

type Path = readonly (string | number)[];

/** A topology without values of other resources. */
export interface SettledTopology {
  /** The topology as plain data. It contains a text in place of each carried value, see carried-inputs.ts. */
  readonly value: unknown;
  /** Secrets that replace the names of secrets in the topology, by the keys that the topology uses for them. */
  readonly secrets: Readonly<Record<string, Output<string>>>;
  /** The resources from which the values come. */
  readonly resources: readonly Resource[];
  /** The places of values that are not known yet, as in a preview: `clusters.west.kubeconfig`. */
  readonly unknown: readonly string[];
}

/**
 * Waits for the values of other resources in a topology.
 * @param name of its component
 * @throws RunError if a name or an address is a secret, since both become part of names and of the values that other stacks read
 */
export async function settledTopology(topology: unknown, name: string): Promise<SettledTopology> {
  const settling = new Settling(name);
  const value = await settling.settled(topology, []);
  const { secrets, resources, unknown } = settling;
  return { value, secrets: Object.fromEntries(secrets), resources: [...resources], unknown };
}

/** The number of values in this process that are not known yet. */
let stands = 0;

class Settling {
  readonly secrets = new Map<string, Output<string>>();
  readonly resources = new Set<Resource>();
  readonly unknown: string[] = [];
  readonly #name: string;
  readonly #texts = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  async settled(value: unknown, path: Path, secret = false): Promise<unknown> {
    if (Output.isInstance(value) || value instanceof Promise) return this.#input(output(value), path, secret);
    if (Array.isArray(value))
      return Promise.all(value.map((each: unknown, index) => this.settled(each, [...path, index], secret)));
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
      const settled = entries.map(async ([key, inner]) => [key, await this.settled(inner, [...path, key], secret)]);
      return Object.fromEntries(await Promise.all(settled));
    }
    return secret ? this.#input(output(value), path, secret) : value;
  }

  async #input(value: Output<unknown>, path: Path, within: boolean): Promise<unknown> {
    const { known, secret, resources, plain } = await stateOf(value);
    for (const each of resources) this.resources.add(each);
    if (!known) this.unknown.push(path.join("."));
    if (isToken(path)) {
      const key = path.join(".");
      this.secrets.set(key, value.apply(String));
      return { config: key };
    }
    // The plan fills in the placeholders of an annotation, where it may see them.
    const isFilledIn = isAnnotation(path) && known && !secret && !within;
    if (isPassedOn(path) && !isFilledIn) {
      // Written like a placeholder that is filled in later, which no rule takes for a secret in plain text.
      let text = `$(${[this.#name, ...path].join(".").replaceAll(/[^\w.-]/g, "_")})`;
      while (this.#texts.has(text)) text = text.replace(/\)$/, "_)");
      this.#texts.add(text);
      carry(text, value, known);
      return text;
    }
    if (!known) return this.#stand(value, path);
    if (typeof plain === "object" && plain !== null) return this.settled(plain, path, within || secret);
    if (!within && !secret) return plain;
    throw new RunError(
      `the topology's ${path.join(".")} is a secret, but names and addresses are written where others read them. ` +
        "If nobody has to keep it secret, pass unsecret(…)",
    );
  }

  /** A text that takes the place of a value that is not known yet, in the form that the topology requires there. */
  #stand(value: Output<unknown>, path: Path): string {
    stands += 1;
    const number = String(stands).padStart(4, "0");
    const text = formOf(path).replace("#", number);
    carry(text, value, false);
    return text;
  }
}

/** The shared token of a playground never enters a plan: the topology has the name of a secret in its place. */
function isToken(path: Path): boolean {
  return path.at(-1) === "token" && path.at(-2) === "playground";
}

/** The parts that the plan passes through unexamined. */
function isPassedOn(path: Path): boolean {
  const [section, , key] = path;
  if (section === "clusters" && key === "kubeconfig") return true;
  if (key === "spec") return section === "peers" || section === "apps" || section === "replications";
  return (section === "peers" && key === "image") || isAnnotation(path);
}

/** True for the annotations of the Services that expose targets. */
function isAnnotation([section, , , ...rest]: Path): boolean {
  return section === "clusters" && rest.includes("annotations");
}

function formOf(path: Path): string {
  const [section] = path;
  const key = path.findLast((step) => typeof step === "string") ?? "";
  if (section === "replications") return "not-known-#.invalid:4040";
  if (section === "apps" && key === "id") return "00000000-0000-4000-8000-00000000#";
  if (key === "url" || key === "api") return "https://not-known-#.invalid";
  if (key === "host" || key === "address") return "not-known-#.invalid";
  return key === "sourceRanges" ? "2001:db8::#/128" : "not-known-#";
}

/**
 * Returns what is known of a value now. The SDK does not make this public: it simply does not call a function that is applied to an unknown value.
 */
async function stateOf(value: Output<unknown>) {
  const [known, secret, resources] = await Promise.all([
    Reflect.get(value, "isKnown"),
    Reflect.get(value, "isSecret"),
    allResources(value),
  ]);
  const plain = known === true ? await new Promise<unknown>((resolve) => value.apply(resolve)) : undefined;
  return { known: known === true, secret: secret === true, resources, plain };
}

async function allResources(value: Output<unknown>): Promise<Resource[]> {
  const all: unknown = Reflect.get(value, "allResources");
  const found: unknown = typeof all === "function" ? await Reflect.apply(all, value, []) : undefined;
  return found instanceof Set ? [...found].filter((each): each is Resource => Resource.isInstance(each)) : [];
}
