import { CoreV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import { z } from "zod";
import { httpCode } from "../kubernetes/failure.ts";
import { type KubeconfigSource, loadKubeConfig } from "../kubernetes/kubeconfig.ts";
import { unreadable } from "../kubernetes/unreadable.ts";
import { resourceOf } from "../topology/plan/names.ts";
import { type ExistingObject, existingObject } from "../topology/takeover/existing-object.ts";
import type { WrittenObject } from "../topology/takeover/written-objects.ts";

/** The objects that exist, by their keys, and those that could not be read. */
export interface Existing {
  readonly found: ReadonlyMap<string, ExistingObject>;
  /** The objects that could not be read, each with its reason. */
  readonly unread: readonly string[];
}

type Place = Pick<WrittenObject, "apiVersion" | "kind" | "namespace" | "name" | "key">;
type Answer = { readonly items: readonly unknown[] } | { readonly unread: string };

/** How many Secrets are read at once. They are read by name, because listing them would take the right to read those of others. */
const atOnce = 32;

/**
 * Finds out which objects exist in a cluster: custom resources by one list for each kind and namespace, each Secret by
 * its name. No value of a Secret is kept.
 */
export async function readExisting(source: KubeconfigSource, objects: readonly Place[]): Promise<Existing> {
  if (objects.length === 0) return { found: new Map(), unread: [] };
  const config = loadKubeConfig(source);
  const [custom, core] = [config.makeApiClient(CustomObjectsApi), config.makeApiClient(CoreV1Api)];
  const lists = Map.groupBy(
    objects.filter(({ kind }) => kind !== "Secret"),
    ({ apiVersion, kind, namespace }) => `${apiVersion} ${kind} ${namespace}`,
  );
  const listed = [...lists.values()].map(async ([first]): Promise<[string, Answer]> => {
    const { apiVersion = "", kind = "", namespace = "" } = first ?? {};
    const [group = "", version = ""] = apiVersion.split("/");
    const answer = await answered(
      (error) =>
        unreadable(
          `the list of ${kind} in namespace ${namespace}`,
          error,
          source,
          `list ${resourceOf(kind)} in namespace ${namespace}`,
        ),
      async () => {
        const all: unknown = await custom.listNamespacedCustomObject({
          ...{ group, version, namespace, plural: resourceOf(kind) },
        });
        return list.parse(all).items;
      },
    );
    return [kind, answer];
  });
  const answers = await Promise.all(listed);
  const secrets = objects.filter(({ kind }) => kind === "Secret");
  for (let from = 0; from < secrets.length; from += atOnce) {
    const reads = secrets.slice(from, from + atOnce).map(async ({ namespace, name }): Promise<[string, Answer]> => {
      const read = async () => [await core.readNamespacedSecret({ namespace, name })];
      return ["Secret", await answered((error) => unreadable(`Secret ${namespace}/${name}`, error, source), read)];
    });
    answers.push(...(await Promise.all(reads)));
  }
  const wanted = new Set(objects.map(({ key }) => key));
  const found = answers.flatMap(([kind, answer]): [string, ExistingObject][] =>
    ("items" in answer ? answer.items : []).flatMap((item) => {
      const object = existingObject(kind, item);
      if (!object) return [];
      const key = `${kind} ${object.namespace}/${object.name}`;
      return wanted.has(key) ? [[key, object]] : [];
    }),
  );
  return {
    found: new Map(found),
    unread: answers.flatMap(([, answer]) => ("unread" in answer ? [answer.unread] : [])),
  };
}

const list = z.object({ items: z.array(z.unknown()) });

async function answered(refusal: (error: unknown) => Error, read: () => Promise<readonly unknown[]>): Promise<Answer> {
  try {
    return { items: await read() };
  } catch (error) {
    // Neither the object nor its kind exists.
    if (httpCode(error) === 404) return { items: [] };
    return { unread: refusal(error).message };
  }
}
