import {
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
} from "@kubernetes/client-node";
import { z } from "zod";
import { fieldAt } from "../../topology/value-at.ts";

/** The parts of an object that the operator's stand-in looks at. */
const watchedObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().default(""),
    uid: z.string(),
    generation: z.number().default(1),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.unknown().optional(),
  }),
});
export type WatchedObject = z.output<typeof watchedObject>;

const restartMs = 300;

/** All objects of one kind in a cluster, kept current by a watch that survives restarts of the API server. */
export class ObjectCache {
  readonly #informer: ReturnType<typeof makeInformer<KubernetesObject>>;
  readonly #parsed = new WeakMap<KubernetesObject, WatchedObject>();
  #stopped = false;
  #listed = false;

  constructor(
    kubeConfig: KubeConfig,
    path: string,
    list: () => Promise<KubernetesListObject<KubernetesObject>>,
    onChange: () => void,
  ) {
    this.#informer = makeInformer(kubeConfig, path, async () => {
      const found = await list();
      this.#listed = true;
      return found;
    });
    for (const event of ["add", "update", "delete"] as const) this.#informer.on(event, onChange);
    this.#informer.on("error", () => this.#restart());
  }

  /** Resolves when it has been read once. */
  async start(): Promise<void> {
    await this.#informer.start();
  }

  /** False until its first list: nothing is known of what is there. */
  get listed(): boolean {
    return this.#listed;
  }

  items(): WatchedObject[] {
    return this.#informer
      .list()
      .map((object) => this.#read(object))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** A watch replaces an object that has changed, so each is parsed once however often it is looked at. */
  #read(object: KubernetesObject): WatchedObject {
    const known = this.#parsed.get(object);
    if (known) return known;
    const parsed = watchedObject.parse(object);
    this.#parsed.set(object, parsed);
    return parsed;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#informer.stop();
  }

  #restart(): void {
    if (this.#stopped) return;
    setTimeout(() => {
      if (!this.#stopped) this.#informer.start().catch(() => this.#restart());
    }, restartMs);
  }
}

export function textAt(object: unknown, path: string): string | undefined {
  const value = fieldAt(object, path);
  return typeof value === "string" ? value : undefined;
}

export function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** The texts in a list; what is no text is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
