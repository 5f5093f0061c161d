import { setTimeout as delay } from "node:timers/promises";
import { BusyError, type Entries, type Entry, type EntryText } from "./forge.ts";

/** The outcome for the one entry that has a marker. */
export interface Kept {
  readonly action: "created" | "updated" | "unchanged" | "closed" | "none";
  /** Undefined: there is none, and none was needed. */
  readonly url: string | undefined;
}

/** The number and the length of the waits for a forge that is busy. */
export interface Patience {
  readonly attempts: number;
  /** The longest single wait. */
  readonly maxSeconds: number;
  readonly pause: (seconds: number) => Promise<unknown>;
}

const defaultPatience: Patience = { attempts: 6, maxSeconds: 120, pause: (seconds) => delay(seconds * 1000) };

/**
 * Makes the one entry whose first line is the first line of `text` be `text`: the entry is made, or changed in place.
 * @throws ForgeError if it refuses @throws BusyError if it stays busy
 */
export function keepOne(entries: Entries, text: EntryText, patience: Patience = defaultPatience): Promise<Kept> {
  return patiently(patience, async () => {
    const found = await find(entries, markerOf(text.body));
    return found ? change(entries, found, text) : { action: "created", url: (await entries.create(text)).url };
  });
}

/** The same, where an entry is there already; none is made. */
export function updateOne(entries: Entries, text: EntryText, patience: Patience = defaultPatience): Promise<Kept> {
  return patiently(patience, async () => {
    const found = await find(entries, markerOf(text.body));
    return found ? change(entries, found, text) : { action: "none", url: undefined };
  });
}

/** Takes the entry with this marker off the list, if there is one. */
export function closeOne(entries: Entries, text: EntryText, patience: Patience = defaultPatience): Promise<Kept> {
  return patiently(patience, async () => {
    const found = await find(entries, markerOf(text.body));
    return found
      ? { action: "closed", url: (await entries.close(found, text)).url }
      : { action: "none", url: undefined };
  });
}

/** The hidden first line by which a text is found again. */
function markerOf(body: string): string {
  return body.split(/\r?\n/, 1)[0]?.trimEnd() ?? "";
}

async function find(entries: Entries, marker: string): Promise<Entry | undefined> {
  for await (const entry of entries.list()) if (entry.own && markerOf(entry.body) === marker) return entry;
  return undefined;
}

async function change(entries: Entries, found: Entry, text: EntryText): Promise<Kept> {
  if (sameText(found.body, text.body)) return { action: "unchanged", url: found.url };
  return { action: "updated", url: (await entries.update(found, text)).url };
}

function sameText(a: string, b: string): boolean {
  const lines = (text: string) => text.replace(/\r\n/g, "\n").trimEnd();
  return lines(a) === lines(b);
}

/** Begins all over after a failure: what was written although its answer got lost is found then, and not written twice. */
async function patiently<T>({ attempts, maxSeconds, pause }: Patience, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof BusyError) || tried === attempts) throw error;
      await pause(Math.min(error.retryAfterSeconds ?? 2 ** (tried - 1), maxSeconds));
    }
  }
}
