import { CustomObjectsApi } from "@kubernetes/client-node";
import { expect } from "vitest";
import { z } from "zod";
import { planText } from "../../topology/check.ts";
import type { DocumentFields } from "../../topology/flows/flows.ts";
import { Session } from "../../verify/session.ts";
import type { Deployment } from "../support/deployment.ts";

/** A document that has to outlive every fault, and the peers that have it. */
export interface KeptDocument {
  readonly app: string;
  readonly collection: string;
  readonly document: DocumentFields & { readonly _id: string };
  readonly writtenOn: string;
  readonly arrivesOn: readonly string[];
}

const objects = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), uid: z.string() }),
      status: z
        .object({ conditions: z.array(z.object({ type: z.string(), lastTransitionTime: z.string() })).default([]) })
        .default({ conditions: [] }),
    }),
  ),
});

/** What no fault may cost: documents that were there before it, and connections that have nothing to do with it. */
export class Kept {
  readonly #deployment: Deployment;
  readonly #topology: string;
  readonly #documents: readonly KeptDocument[];
  #connections = new Map<string, string>();

  private constructor(deployment: Deployment, topology: string, documents: readonly KeptDocument[]) {
    this.#deployment = deployment;
    this.#topology = topology;
    this.#documents = documents;
  }

  /** Writes the documents and waits until they are where they belong. */
  static async plant(deployment: Deployment, topology: string, documents: readonly KeptDocument[]): Promise<Kept> {
    const kept = new Kept(deployment, topology, documents);
    await kept.#session(async (session) => {
      for (const { app, collection, document, writtenOn } of documents)
        await (await session.documents(app, writtenOn)).insert(collection, document);
    });
    await expect.poll(() => kept.missing(), { timeout: 20_000 }).toEqual([]);
    await kept.remember();
    return kept;
  }

  /** Notes the connections as they are now. */
  async remember(): Promise<void> {
    this.#connections = await this.#connectionsNow();
  }

  /** What is lost: documents that are not where they were, and replications that are other ones, or were cut, since `remember`.
   * @param changed names of replications that the change is about */
  async harm(changed: readonly string[] = []): Promise<string[]> {
    const now = await this.#connectionsNow();
    const torn = [...this.#connections]
      .filter(([name, before]) => now.get(name) !== before && !changed.some((each) => name.startsWith(each)))
      .map(([name, before]) => `${name} was ${before}, is ${now.get(name)}`);
    return [...(await this.missing()), ...torn];
  }

  /** The IDs of those of the documents that a peer of another topology has. */
  async on(topology: string, peer: string): Promise<string[]> {
    return this.#session(async (session) => {
      const found = this.#documents.map(async ({ app, collection, document: { _id } }) =>
        (await (await session.documents(app, peer)).has(collection, _id)) ? [_id] : [],
      );
      return (await Promise.all(found)).flat().sort();
    }, topology);
  }

  async missing(): Promise<string[]> {
    return this.#session(async (session) => {
      const found = this.#documents.flatMap(({ app, collection, document: { _id }, writtenOn, arrivesOn }) =>
        [writtenOn, ...arrivesOn].map(async (peer) => {
          const there = await (await session.documents(app, peer)).has(collection, _id);
          return there ? [] : [`${collection}/${_id} is not on ${peer}`];
        }),
      );
      return (await Promise.all(found)).flat();
    });
  }

  async #session<T>(use: (session: Session) => Promise<T>, topology = this.#topology): Promise<T> {
    const access = {
      ...{ kubeconfig: this.#deployment.lab.kubeconfig, reach: "cluster-ip" as const },
      ...{ apis: {}, managementApis: {} },
    };
    const session = new Session(planText(topology).plan, access);
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  }

  /** By replication: which object it is, and since when it is connected. */
  async #connectionsNow(): Promise<Map<string, string>> {
    const all = this.#deployment.lab.description.clusters.map(async ({ context }) => {
      const api = this.#deployment.kubeConfig(context).makeApiClient(CustomObjectsApi);
      const found: unknown = await api.listCustomObjectForAllNamespaces({
        ...{ group: "ditto.live", version: "v1alpha1" },
        resourcePlural: "bigpeerreplications",
      });
      return objects.parse(found).items.map(({ metadata: { name, uid }, status }): [string, string] => {
        const since = status.conditions.find(({ type }) => type === "Connected")?.lastTransitionTime;
        return [name, `${uid} connected since ${since}`];
      });
    });
    return new Map((await Promise.all(all)).flat());
  }
}
