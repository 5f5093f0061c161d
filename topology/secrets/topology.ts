import type { Path } from "../findings/finding.ts";
import { type FoundSecret, secretsIn } from "./values.ts";

/**
 * Every secret that a topology holds in plain text, whether it has been judged by the schema or not. Names that its user has given
 * (of peers, collections, providers) are no names of secrets, and queries are no texts that hold one.
 */
export function* secretsOfTopology(topology: unknown): Iterable<FoundSecret> {
  for (const [section, entries] of members(topology)) {
    // The names of what the operator calls what.
    if (section === "operator") yield* secretsIn(entries, [section], "reference");
    else if (!sections.has(section)) yield* secretsIn({ [section]: entries });
    else for (const [name, entry] of members(entries)) yield* secretsOfEntry(entry, [section, name]);
  }
}

const sections: ReadonlySet<string> = new Set(["clusters", "peers", "apps", "replications"]);

function* secretsOfEntry(entry: unknown, path: Path): Iterable<FoundSecret> {
  for (const [key, value] of members(entry)) {
    if (byName.has(key)) for (const [name, inner] of members(value)) yield* secretsIn(inner, [...path, key, name]);
    else if (key === "auth") yield* secretsOfAuth(value, [...path, key]);
    else if (!withoutSecrets.has(key)) yield* secretsIn({ [key]: value }, path);
  }
}

/** Settings whose keys are names of the topology, or of a collection. */
const byName: ReadonlySet<string> = new Set(["exposures", "ingresses", "probe"]);
const withoutSecrets: ReadonlySet<string> = new Set(["queries", "up", "down", "perSpoke", "port", "address"]);

function* secretsOfAuth(auth: unknown, path: Path): Iterable<FoundSecret> {
  for (const [way, settings] of members(auth)) {
    if (way === "webhooks")
      for (const [name, webhook] of members(settings)) yield* secretsIn(webhook, [...path, way, name]);
    else
      for (const [key, value] of members(settings))
        if (key !== "permissions") yield* secretsIn({ [key]: value }, [...path, way]);
  }
}

function members(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
