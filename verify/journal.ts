import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../program/cache-folder.ts";
import type { Plan } from "../topology/plan/plan.ts";

/** A document that a run has written. */
const entry = z.object({
  /** How its Big Peer is reached, so that it is not looked for in another environment whose peers have the same names. */
  where: z.string(),
  app: z.string(),
  peer: z.string(),
  collection: z.string(),
  id: z.string(),
});
export type JournalEntry = z.infer<typeof entry>;

/** Longer than a run takes: the process that has its number now is another one. */
const longestRunMs = 6 * 60 * 60_000;

/** Which Big Peer a document is on, in the words of a plan. */
export function whereIs(plan: Plan, peer: string, kubeconfig: string | undefined): string {
  const planned = plan.peers.get(peer);
  const cluster = plan.clusters.get(planned?.cluster ?? "");
  return JSON.stringify([cluster?.context, cluster?.kubeconfig ?? kubeconfig ?? "", planned?.namespace]);
}

/**
 * A list, on this machine, of the documents that a run has written and not removed yet. A run that is killed leaves it behind, and the next one
 * removes what it names. It holds no secret.
 */
export class Journal {
  readonly #folder: string;
  readonly #file: string;
  readonly #open = new Map<string, JournalEntry>();

  constructor(folder = join(cacheFolder(), "verify")) {
    this.#folder = folder;
    this.#file = join(folder, `${Date.now()}-${process.pid}.jsonl`);
  }

  /** Before a document is written: a run that is killed in between leaves at most a line too much. */
  wrote(document: JournalEntry): void {
    this.#open.set(document.id, document);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, `${JSON.stringify(document)}\n`, { mode: 0o600 });
    } catch {
      // Without it, only a run that is killed leaves something that nobody finds.
    }
  }

  removed(id: string): void {
    this.#open.delete(id);
  }

  /** Keeps what could not be removed for the next run. */
  close(): void {
    rewrite(this.#file, [...this.#open.values()]);
  }

  /** The journals of runs that have ended, by their files. */
  left(): Map<string, readonly JournalEntry[]> {
    const files = filesIn(this.#folder).filter((name) => join(this.#folder, name) !== this.#file && hasEnded(name));
    return new Map(files.map((name) => [join(this.#folder, name), entriesIn(join(this.#folder, name))]));
  }
}

/** Leaves some entries in a journal; without any, the file goes. */
export function rewrite(file: string, entries: readonly JournalEntry[]): void {
  try {
    if (entries.length === 0) rmSync(file, { force: true });
    else writeFileSync(file, entries.map((each) => `${JSON.stringify(each)}\n`).join(""), { mode: 0o600 });
  } catch {
    // The next run tries again.
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+-\d+\.jsonl$/.test(name));
  } catch {
    return [];
  }
}

function hasEnded(name: string): boolean {
  const [, began, pid] = /^(\d+)-(\d+)/.exec(name) ?? [];
  if (Date.now() - Number(began) > longestRunMs) return true;
  if (Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    // A process of somebody else may not be asked, and is there.
    return !(error instanceof Error && "code" in error && error.code === "EPERM");
  }
}

function entriesIn(file: string): JournalEntry[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => {
        const parsed = entry.safeParse(jsonOrUndefined(line));
        return parsed.success ? [parsed.data] : [];
      });
  } catch {
    return [];
  }
}

/** The last line of a journal may be half a line. */
function jsonOrUndefined(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
