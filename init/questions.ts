import { type InitialWay, initialAnswers, initialWays, waysWithHost } from "./answers.ts";

/** Gives what a user has typed after a question, without the line's end. */
export type Ask = (question: string) => Promise<string>;

/** What a project is asked for; what is given is not asked. */
export interface Asked {
  readonly contexts: readonly string[];
  readonly namespace: string;
  readonly way: InitialWay;
  readonly domain: string | undefined;
}

export interface KnownContexts {
  readonly names: readonly string[];
  readonly current: string | undefined;
}

/** The three answers that a new project takes, where nobody is asked: the current context, and what `initialAnswers` has. */
export function defaultAnswers({ names, current }: KnownContexts): Asked {
  const context = current ?? names[0] ?? "dev";
  return { contexts: [context], namespace: initialAnswers.namespace, way: initialAnswers.way, domain: undefined };
}

/** Whether a question is left once `given` is known: how clusters are reached matters only between several. */
export function isComplete({ contexts, namespace, way }: Partial<Asked>): boolean {
  return contexts !== undefined && namespace !== undefined && (way !== undefined || contexts.length < 2);
}

/** Asks for what is not given, at most three questions. An answer that cannot be used is asked for again; an empty one takes the default. */
export async function askFor(given: Partial<Asked>, known: KnownContexts, ask: Ask): Promise<Asked> {
  const byDefault = defaultAnswers(known);
  const contexts =
    given.contexts ??
    (known.names.length === 0
      ? byDefault.contexts
      : await repeated(ask, contextQuestion(known, byDefault), (text) => contextsOf(text, known, byDefault)));
  const namespace =
    given.namespace ??
    (await repeated(ask, `In which namespace do Big Peers run? [${byDefault.namespace}] `, (text) =>
      namespaceOf(text, byDefault),
    ));
  if (given.way !== undefined || contexts.length < 2)
    return { contexts, namespace, way: given.way ?? byDefault.way, domain: given.domain };
  const answered = await repeated(ask, wayQuestion(byDefault), (text) => wayOf(text, given.domain, byDefault));
  return { contexts, namespace, ...answered };
}

/** Why a way cannot be used; undefined: it can. */
export function lackingDomain(way: InitialWay, domain: string | undefined): string | undefined {
  return waysWithHost.includes(way) && domain === undefined
    ? `${way} needs a domain: the clusters are then reached at bp.<cluster>.<domain>`
    : undefined;
}

function contextQuestion({ names }: KnownContexts, { contexts }: Asked): string {
  const list = names.map((name, index) => `  ${index + 1}) ${name}\n`).join("");
  return `Contexts of the kubeconfig:\n${list}Which of them are clusters with Big Peers? Numbers or names, separated by spaces [${contexts.join(" ")}] `;
}

function wayQuestion({ way }: Asked): string {
  return `How do the other clusters reach a Big Peer: ${initialWays.join(", ")}?\nAdd the domain of the hosts if there is one, such as \`node-port example.com\` [${way}] `;
}

/** A value, or why there is none. */
type Read<T> = { readonly value: T } | { readonly problem: string };

function contextsOf(text: string, { names }: KnownContexts, { contexts }: Asked): Read<readonly string[]> {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0) return { value: contexts };
  const chosen = words.map((word) => (names.includes(word) ? word : names[Number(word) - 1]));
  const unknown = words.filter((_, index) => chosen[index] === undefined);
  if (unknown.length > 0) return { problem: `${unknown.join(", ")}: this list has no such number or name` };
  return { value: [...new Set(chosen.flatMap((name) => name ?? []))] };
}

function namespaceOf(text: string, { namespace }: Asked): Read<string> {
  const name = text.trim() || namespace;
  return isLabel(name) ? { value: name } : { problem: `${name}: this is not a valid name of a namespace` };
}

/** Whether a text is a DNS-1123 label, as the name of a namespace is. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

function wayOf(text: string, given: string | undefined, byDefault: Asked): Read<Pick<Asked, "way" | "domain">> {
  const [name = byDefault.way, domain = given] = text.split(/\s+/).filter((word) => word !== "");
  const way = initialWays.find((each) => each === name);
  if (way === undefined) return { problem: `${name}: there is no such way; write one of ${initialWays.join(", ")}` };
  const lacking = lackingDomain(way, domain);
  return lacking === undefined ? { value: { way, domain } } : { problem: lacking };
}

async function repeated<T>(ask: Ask, question: string, read: (text: string) => Read<T>): Promise<T> {
  for (let problem = ""; ; ) {
    const answer = read(await ask(`${problem}${question}`));
    if ("value" in answer) return answer.value;
    problem = `${answer.problem}\n`;
  }
}
