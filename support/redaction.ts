import { stringify } from "yaml";
import { mask, maskedText, secretSpans } from "../topology/secrets/texts.ts";
import { masked, secretsIn } from "../topology/secrets/values.ts";

/** A shorter text is a word of many sentences, and masking it everywhere would leave a log unreadable. */
const shortest = 6;
/** From this length on, a part of a text that looks like a secret is taken for one wherever it occurs. */
const telling = 12;

/**
 * Takes secrets out of a bundle. A value is masked by the names and forms by which every report of this project knows secrets; what was
 * masked anywhere is then masked wherever else it occurs, such as in a log line that quotes it.
 */
export class Redaction {
  readonly #known = new Set<string>();

  /** Remembers the secrets of data. A sentence in it may only look as if it had one, so what is found in a text has to be long. */
  learn(data: unknown): void {
    for (const { value, whole } of secretsIn(data)) {
      const text = String(value);
      const parts = whole ? [text] : secretSpans(text).map((span) => text.slice(...span));
      for (const part of parts) if (whole || part.length >= telling) this.add(part);
    }
  }

  /** Remembers a text that is a secret as a whole. */
  add(secret: string): void {
    const text = secret.trim();
    if (text.length < shortest || text === mask) return;
    const forms = [text, Buffer.from(text).toString("base64").replace(/=+$/, ""), encodeURIComponent(text)];
    for (const form of [...forms, JSON.stringify(text).slice(1, -1)]) this.#known.add(form);
    // A key of several lines is quoted line by line.
    if (text.includes("\n"))
      for (const line of text.split("\n")) if (line.trim().length > 15 && !line.startsWith("-----")) this.add(line);
  }

  /** A file's content as text, without secrets. @param clean its own are masked already */
  text(content: unknown, clean = false): string {
    if (typeof content === "string") return this.#withoutKnown(clean ? content : maskedText(content));
    const shown = clean ? content : masked(content);
    return this.#withoutKnown(stringify(shown, { aliasDuplicateObjects: false, lineWidth: 0 }));
  }

  #withoutKnown(text: string): string {
    // Long ones first: one secret may be a part of another.
    const known = [...this.#known].filter((secret) => text.includes(secret)).sort((a, b) => b.length - a.length);
    return known.reduce((result, secret) => result.replaceAll(secret, mask), text);
  }
}

/** Data without Maps and Sets, which neither YAML nor the masking of secrets can look into. */
export function plainData(value: unknown): unknown {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Map ? Object.fromEntries(inner) : inner instanceof Set ? [...inner] : inner,
  );
  return text === undefined ? undefined : JSON.parse(text);
}
