import { setTimeout as pause } from "node:timers/promises";

/**
 * What the engine says of a state that ends too early. A bucket of files keeps the attributes of each state in a second
 * file, and writes that one in place (`setAttrs` in gocloud.dev's fileblob), so whoever reads the state of a stack while
 * an update writes it may find it empty.
 */
const endsTooEarly = /\bEOF\b|unexpected end of JSON input/;

const attempts = 8;

/**
 * Reads the state of a stack, and reads it again where it was just being written: a writer needs milliseconds.
 * @throws the error of the last attempt, after about three seconds; any other error at once
 */
export async function readAgainWhileWritten<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await read();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (attempt === attempts || !endsTooEarly.test(message)) throw error;
      await pause(attempt * 100);
    }
}
