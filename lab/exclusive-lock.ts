/**
 * A lock between processes of one machine that cannot go stale: the owner listens on a Unix socket in Linux' abstract namespace, which the
 * kernel takes away when the owner ends, however it ends. Whoever waits is connected to that socket and sees it close.
 */
import { createHash } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface ExclusiveLock {
  release(): Promise<void>;
}

function socketName(subject: string): string {
  // Abstract names hold at most 107 bytes, a path may be longer.
  return `\0bigpeer-topology/${createHash("sha256").update(subject).digest("hex").slice(0, 40)}`;
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}

/** Takes the lock on a subject (any text, e.g. a folder's path), or gives undefined if another process or caller has it. */
export async function tryLock(subject: string): Promise<ExclusiveLock | undefined> {
  const waiting = new Set<Socket>();
  const server: Server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => waiting.delete(socket));
    socket.unref();
  });
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socketName(subject), resolve));
  } catch (error) {
    if (hasCode(error, "EADDRINUSE")) return undefined;
    throw error;
  }
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of waiting) socket.destroy();
      }),
  };
}

/** Resolves when the owner has let go, or when the signal says not to wait any longer. */
function ownerGone(subject: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketName(subject));
    const giveUp = () => socket.destroy();
    signal?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted) giveUp();
    socket.resume();
    socket.once("close", () => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    });
    socket.once("error", (error) => {
      if (!hasCode(error, "ECONNREFUSED", "ECONNRESET", "EPIPE", "EAGAIN")) reject(error);
    });
  });
}

export interface LockOptions {
  /** Called once if another owner has the lock. */
  readonly onWait?: () => void;
  /** Gives up waiting: the lock is not taken, and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Waits for the lock. */
export async function lock(subject: string, { onWait, signal }: LockOptions = {}): Promise<ExclusiveLock> {
  for (let told = false; ; ) {
    signal?.throwIfAborted();
    const taken = await tryLock(subject);
    if (taken) return taken;
    if (!told) onWait?.();
    told = true;
    await ownerGone(subject, signal);
    await delay(10);
  }
}

/** Runs `work` while holding the lock. */
export async function withLock<T>(subject: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const held = await lock(subject, options);
  try {
    return await work();
  } finally {
    await held.release();
  }
}
