import { type ExecCredential, type ExecPlugin, runExecPlugin } from "./exec-plugin.ts";

/** A failure, or a credential that an API server has refused, stands this long before the plugin is asked again. */
const patienceMs = 10_000;

/** The credentials by their plugin's whole configuration, as in client-go: contexts that share a user share what its plugin gives. */
const shared = new Map<string, SharedCredential>();

/** Finds the one credential that a plugin has for all readers of this process. */
export function sharedCredential(plugin: ExecPlugin): SharedCredential {
  const key = JSON.stringify(plugin);
  const credential = shared.get(key) ?? new SharedCredential(() => runExecPlugin(plugin));
  shared.set(key, credential);
  return credential;
}

/**
 * A credential that is asked for once, and kept until it expires or an API server refuses it. A plugin is a program of its own, often a
 * large one that signs in somewhere: fifty reads at once must not be fifty of them.
 */
export class SharedCredential {
  readonly #ask: () => Promise<ExecCredential>;
  /** In flight, given or failed. */
  #answer: Promise<ExecCredential> | undefined;
  /** Undefined: in flight, or failed. */
  #given: ExecCredential | undefined;
  /** The time at which the answer came, or failed. */
  #since = 0;
  /** The last one has replaced one that was refused, and no API server has taken it since. */
  #onTrial = false;

  constructor(ask: () => Promise<ExecCredential>) {
    this.#ask = ask;
  }

  /** @throws Error as the plugin fails, for all who have waited for it */
  get(): Promise<ExecCredential> {
    if (this.#given?.expires !== undefined && this.#given.expires <= Date.now()) this.#forget();
    this.#answer ??= this.#start();
    return this.#answer;
  }

  /** Says that an API server has taken a credential. */
  taken(credential: ExecCredential): void {
    if (credential === this.#given) this.#onTrial = false;
  }

  /** Says that an API server has answered 401 to a credential: the next who asks gets another, unless this one was the other already. */
  refused(credential: ExecCredential): void {
    if (credential !== this.#given) return;
    if (this.#onTrial && Date.now() - this.#since < patienceMs) return;
    this.#onTrial = true;
    this.#forget();
  }

  #forget(): void {
    this.#answer = undefined;
    this.#given = undefined;
  }

  #start(): Promise<ExecCredential> {
    const answer = this.#ask();
    answer.then(
      (credential) => {
        this.#given = credential;
        this.#since = Date.now();
      },
      () => {
        // Whoever signs in meanwhile need not start the command again; whoever asks at once need not wait for the same failure.
        setTimeout(() => {
          if (this.#answer === answer) this.#forget();
        }, patienceMs).unref();
      },
    );
    return answer;
  }
}
