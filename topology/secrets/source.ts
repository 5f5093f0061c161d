import type { Source } from "../file/source.ts";
import type { WrittenFile } from "../file/written-file.ts";
import { isReference, isSecretName } from "./names.ts";
import { merged, type Span, secretSpans, withoutSpans } from "./texts.ts";
import { secretsOfTopology } from "./topology.ts";
import { type FoundSecret, secretsIn } from "./values.ts";

/** The parts of a topology's files that must not be shown, nor be quoted in sentences about them. */
export interface SourceSecrets {
  /** By file: places in its text. */
  readonly spans: ReadonlyMap<string, readonly Span[]>;
  /** See `FileSecrets`. */
  readonly texts: readonly string[];
}

interface FileSecrets {
  /** Places in the text of the file. */
  readonly spans: readonly Span[];
  /** The texts there: a sentence may quote them, and an anchor may repeat them elsewhere. Long ones come before short ones. */
  readonly texts: readonly string[];
}

/** Shorter texts are words of many sentences. */
const shortest = 4;
const longest = 10_000;

/** The secrets of a topology's files. Where one parses they are known by its values, else by how its lines look. */
export function secretsOfSource({ parts, value }: Source): SourceSecrets {
  const found = parts.map((part) => [part.file, secretsOfFile(part)] as const);
  // What a template makes of a row may be a secret by where it comes to stand.
  const made = parts.length > 1 ? [...secretsOfTopology(value)].flatMap(textsOf) : [];
  return {
    spans: new Map(found.map(([file, { spans }]) => [file, spans])),
    texts: told([...found.flatMap(([, { texts }]) => texts), ...made]),
  };
}

function secretsOfFile(file: WrittenFile): FileSecrets {
  return file.value === undefined ? secretsOfLines(file.text) : secretsOfValues(file);
}

/** A text about a file with `*` for each letter of its secrets. */
export function withoutSecrets(text: string, { texts }: Pick<FileSecrets, "texts">): string {
  return texts.reduce((result, secret) => result.replaceAll(secret, "*".repeat(secret.length)), text);
}

/** One line of a file, with `*` for each letter of a secret, so that what stands behind keeps its column. */
export function lineWithoutSecrets(line: string, offset: number, secrets: FileSecrets): string {
  const spans = secrets.spans
    .map(([start, end]): Span => [Math.max(0, start - offset), Math.min(line.length, end - offset)])
    .filter(([start, end]) => end > start);
  return withoutSecrets(
    withoutSpans(line, merged(spans), (secret) => "*".repeat(secret.length)),
    secrets,
  );
}

function secretsOfValues(source: WrittenFile): FileSecrets {
  // The rows of a table are no topology: their columns are names alone.
  const found = [...(Array.isArray(source.value) ? secretsIn(source.value) : secretsOfTopology(source.value))];
  const spans = found.flatMap(({ path, value, whole }): Span[] => {
    const range = source.rangeOf(path);
    if (!range) return [];
    const written = source.text.slice(...range);
    // If escapes or folded lines hide which part is the secret, all of it is.
    const parts = whole || typeof value !== "string" ? [] : secretSpans(value).map((span) => value.slice(...span));
    if (parts.length === 0 || !parts.every((part) => written.includes(part))) return [range];
    return parts.map((part): Span => {
      const start = range[0] + written.indexOf(part);
      return [start, start + part.length];
    });
  });
  const comments = source
    .comments()
    .flatMap(({ text, offset }) =>
      secretSpans(text).map(([start, end]): Span => [offset + 1 + start, offset + 1 + end]),
    );
  return { spans: merged([...spans, ...comments]), texts: told(found.flatMap(textsOf)) };
}

function textsOf({ value, whole }: Pick<FoundSecret, "value" | "whole">): string[] {
  const text = String(value);
  return whole ? [text] : secretSpans(text).map((span) => text.slice(...span));
}

/** Reads a text that the parser could not read as people do: by names, by indentation, and by the form of keys and URLs. */
function secretsOfLines(text: string): FileSecrets {
  const spans: Span[] = [...secretSpans(text)];
  /** The indentation of the name of a secret; everything below it is secret. */
  let below: number | undefined;
  /** For the item of a list: whether it is named like a secret, and its values. */
  let named = false;
  let values: Span[] = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    const start = offset;
    offset += line.length + 1;
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    const indent = line.length - line.trimStart().length;
    const isItem = content.startsWith("- ");
    if (below !== undefined && (indent > below || (isItem && indent === below))) {
      spans.push([start + indent, start + line.length]);
      continue;
    }
    below = undefined;
    const [, name = "", value = ""] = /^(?:- +)*["']?([\w.-]+)["']?\s*:(?:\s+(.*))?$/.exec(content) ?? [];
    if (isSecretName(name) && !isReference(name) && /^(?:[|>&!].*|)$/.test(value)) below = indent + (isItem ? 2 : 0);
    // Brackets that are not closed on this line are the end of what can be told apart.
    for (const match of line.matchAll(/(?<![\w.-])([\w.-]{1,100})["']?\s*:\s*(?=[[{|>&!*"'])/g))
      if (isSecretName(match[1] ?? "")) spans.push([start + match.index + match[0].length, start + line.length]);
    const names = [...line.matchAll(/\b(?:name|key|header)["']?\s*:\s*["']?([\w.-]+)/gi)];
    // `name: X_PASSWORD` stands beside its `value`, on the same line or on one before or after.
    if (isItem) [named, values] = [false, []];
    named ||= names.some(([, each = ""]) => isSecretName(each));
    for (const match of line.matchAll(/\bvalues?["']?\s*:\s*(?=\S)/gi))
      values.push([start + match.index + match[0].length, start + line.length]);
    if (!named) continue;
    for (const span of values) spans.push(span);
    values = [];
  }
  const whole = merged(spans.map(([start, end]): Span => [start, Math.min(end, text.length)]));
  return { spans: whole, texts: told(whole.map((span) => text.slice(...span))) };
}

/** A sentence may quote it without the quotes, signs and brackets around it, may quote one line of it, or the alias or tag that YAML takes it for. */
function told(texts: readonly string[]): string[] {
  const quoted = texts.flatMap((text) => [
    text,
    ...text.split("\n"),
    ...(text.match(/(?<!\S)[!*&][^\s,{}[\]]+/g) ?? []),
  ]);
  const bare = quoted
    .map((text) => text.trim())
    // Longer than any sentence, and long to look through.
    .flatMap((text) => (text.length > longest ? [text] : [text, text.replace(/^[|>&!*"'[{\s]+|["'\]},\s]+$/g, "")]));
  return [...new Set(bare)].filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length);
}
