/**
 * Where a release publishes the files of this repository: an absolute URL that ends with a slash, such as
 * `https://git.example.com/bigpeer-topology/blob/v1.2.3/`. A release sets it (docs/releasing.md). As long as it is undefined, messages name a
 * page by its path, which is the same in a checkout and in the installed package.
 */
export const publicAddress: string | undefined = undefined;

/**
 * A page as a message names it: its URL, or its path where there is no public address.
 * @param path from the root of the repository, such as `docs/rules.md#app-id`
 */
export function pageAddress(path: string, base: string | undefined = publicAddress): string {
  return base === undefined ? path : new URL(path, base).href;
}

/** The identifier of the JSON Schema: an absolute URI, also where there is no public address. */
export function schemaId(base: string | undefined = publicAddress): string {
  return base === undefined ? "urn:bigpeer-topology:topology.schema.json" : pageAddress("topology.schema.json", base);
}
