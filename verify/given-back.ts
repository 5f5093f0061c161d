/** What is given back first: documents need a key to be deleted, and a key needs the way to its operator. */
const stages = ["documents", "keys", "ways"] as const;
type Stage = (typeof stages)[number];

/** What a run has opened or made, and how each of it is given back. */
export class GivenBack {
  readonly #actions = new Map<() => Promise<void>, Stage>();

  /** @returns gives it back now; what fails is tried again in the end */
  later(stage: Stage, action: () => Promise<void>): () => Promise<void> {
    this.#actions.set(action, stage);
    return async () => {
      if (!this.#actions.delete(action)) return;
      await action().catch(() => this.#actions.set(action, stage));
    };
  }

  /** Gives back everything, one stage after the other. @returns what could not be given back */
  async all(): Promise<string[]> {
    const failures: string[] = [];
    for (const stage of stages) {
      const actions = [...this.#actions].flatMap(([action, of]) => (of === stage ? [action] : []));
      for (const action of actions) this.#actions.delete(action);
      await Promise.all(
        actions.map((action) =>
          action().catch((error: unknown) => failures.push(error instanceof Error ? error.message : String(error))),
        ),
      );
    }
    return failures;
  }
}
