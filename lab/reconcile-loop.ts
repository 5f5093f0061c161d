import { setTimeout as delay } from "node:timers/promises";

const retryMs = 400;
const settleMs = 15;

/** Calls a function once now, and again after each change, until it is stopped. */
export class ReconcileLoop {
  readonly #reconcile: () => Promise<void>;
  readonly #log: (line: string) => void;
  readonly #settleMs: number;
  #wake: () => void = () => {};
  #dirty = true;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  /** @param settle how long it waits for further changes after the first, in milliseconds */
  constructor(reconcile: () => Promise<void>, log: (line: string) => void, settle = settleMs) {
    this.#reconcile = reconcile;
    this.#log = log;
    this.#settleMs = settle;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Something has changed. */
  readonly changed = (): void => {
    this.#dirty = true;
    this.#wake();
  };

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let complained = "";
    while (!this.#stopped) {
      if (!this.#dirty) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      // Changes come in bursts; one pass does for all of a burst.
      await delay(this.#settleMs);
      this.#dirty = false;
      try {
        await this.#reconcile();
        complained = "";
      } catch (error) {
        const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
        if (message !== complained) this.#log(message);
        complained = message;
        this.#dirty = true;
        await delay(retryMs);
      }
    }
  }
}
