import { isSecretName } from "./names.ts";

/** The position of a secret in a text, in characters from its start. */
export type Span = readonly [start: number, end: number];

/** The text that replaces a secret in a report. */
export const mask = "(secret)";

/**
 * The secrets inside of a text that is a value: private keys, the user in front of a URL's host, secret parameters of a URL, the
 * passwords of connection strings and command lines, and tokens that are known by their form.
 */
export function secretSpans(text: string): Span[] {
  return telling.test(text) ? merged([...shapes(text), ...pairs(text)]) : [];
}

/** A sign that every form below and every assignment has. Most texts of a large topology are names, which have none. */
const telling = /[:=@?&;#\s]|eyJ|LS0t|[-_][\w-]{16}/;

/** The secrets that are known by their form alone, in a text of any kind, such as a sentence that quotes a value. */
function shapedSpans(text: string): Span[] {
  return merged(shapes(text));
}

/** A text without its secrets. */
export function maskedText(text: string): string {
  return withoutSpans(text, secretSpans(text), () => mask);
}

/** A sentence without the secrets that can be told from it. */
export function maskedSentence(text: string): string {
  return withoutSpans(text, shapedSpans(text), () => mask);
}

export function withoutSpans(text: string, spans: readonly Span[], instead: (secret: string) => string): string {
  let result = "";
  let from = 0;
  for (const [start, end] of spans) {
    result += text.slice(from, start) + instead(text.slice(start, end));
    from = end;
  }
  return result + text.slice(from);
}

/** Spans in order, those that touch each other as one. */
export function merged(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(([start, end]) => end > start).sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

/** Each with the group that is the secret; without a group all of it is. */
const forms: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|$)/g,
  // The same in base64: what a BEGIN line becomes, other than that of a certificate or a public key.
  /LS0tLS1CRUdJTi(?!BDRVJU|BQVUJMSUMg)[A-Za-z0-9+/=\s]{20,}/g,
  // The user in front of a host. A password may hold what belongs percent-encoded; a colon and digits alone are a port.
  /:\/\/([^\s/?#"'`<>]*|[^\s/@:"'`<>]{0,200}:(?!\d{1,5}(?:[/?#]|$))[^\s@"'`<>]{0,500})@/g,
  // Without a scheme, as Redis, AMQP and JDBC have it; the digest of an image is none.
  /(?<![\w./@-])(?!mailto:)([^\s:@/,;="'`<>(){}[\]]{1,100}:[^\s@/"'`,;<>(){}[\]]{1,200})@(?!sha\d+:)(?=[\w[])/g,
  /\bjdbc:oracle:\w+:[^\s/@]*\/([^\s@]+)@/gi,
  /\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{8,})/gi,
  /\beyJ[\w-]{8,4000}\.[\w-]{8,4000}\.[\w-]*/g,
  /\b(?:gh[pousr]|github_pat|glpat|xox[abprs]|sk_live|pul)[-_][\w-]{16,}/g,
];

/** Names of parameters that are secrets in a URL alone: a URL that is signed opens what it names. */
const signatures = /^(?:sig|signature|x-amz-signature|x-goog-signature)$/i;

function shapes(text: string): Span[] {
  const formed = forms.flatMap((form) => [...text.matchAll(form)].map((match) => spanOf(match, 1)));
  const parameters = [...text.matchAll(/(?<=[?&;#])([\w.~%-]+)=([^&;\s"'`#<>]*)/g)].filter(
    ([, name = ""]) => signatures.test(name) || isSecretName(name),
  );
  return [...formed, ...parameters.map((match) => spanOf(match, 2))].filter(([start, end]) => tells(text, start, end));
}

/** A name with `=` or `:` behind it, as in connection strings, command lines, JSON and YAML; in the former it may have several words. */
const assignment =
  /(?<![\w.-])(-{0,2}[A-Za-z_][\w.-]{0,80}(?: [A-Za-z][\w-]{0,40}){0,2})["']?\s*(=|:(?!\/\/))[^\S\r\n]*/g;
/** A name as an option of a command line, with its value behind a blank. */
const option = /(?<!\S)--?([A-Za-z][\w.-]{0,80})[^\S\r\n]+(?=[^\s-])/g;

const quoted = `"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?`;
/** In quotes, else up to a separator, or up to the next `name=`. */
const afterEquals = new RegExp(`${quoted}|[^;&\\r\\n]*?(?=[;&\\r\\n]|$|\\s[\\w.-]+\\s*=)`, "y");
const afterColon = new RegExp(`${quoted}|[^\\r\\n,}\\]]*`, "y");
const afterBlank = new RegExp(`${quoted}|\\S+`, "y");

function pairs(text: string): Span[] {
  return [
    ...valuesBehind(text, assignment, ([, , sign]) => (sign === "=" ? afterEquals : afterColon)),
    ...valuesBehind(text, option, () => afterBlank),
  ].filter(([start, end]) => tells(text, start, end));
}

function valuesBehind(text: string, names: RegExp, form: (match: RegExpExecArray) => RegExp): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(names)) {
    const start = match.index + match[0].length;
    // A match inside a value that is a secret already needs no second look.
    if (start < (spans.at(-1)?.[1] ?? 0) || !isSecretName(match[1] ?? "")) continue;
    const value = form(match);
    value.lastIndex = start;
    spans.push([start, start + (value.exec(text)?.[0].length ?? 0)]);
  }
  return spans;
}

function spanOf(match: RegExpExecArray, group: number): Span {
  const value = match[group];
  if (value === undefined) return [match.index, match.index + match[0].length];
  const start = match.index + match[0].lastIndexOf(value);
  return [start, start + value.length];
}

/** False if the text is filled in later, as Kubernetes and shells write it, or is masked already: then it tells nothing. */
function tells(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end).replace(/^["']|["']$/g, "");
  return value !== "" && !isFilledInLater(value) && value !== mask;
}

/** True if a value is only the place for one: `$(PASSWORD)`, `${PASSWORD}`, `user:$(PASSWORD)`. */
export function isFilledInLater(value: string): boolean {
  return /^(?:[\w.-]*:)?\$(?:\([\w.-]+\)|\{[\w.-]+\})$/.test(value.trim());
}
