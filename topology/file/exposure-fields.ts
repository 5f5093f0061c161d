import { z } from "zod";
import { advised } from "./advised.ts";

/** The fields that several ways of exposing a target share. */

export const named = (what: string, value: string) => z.string().min(1).default(value).describe(what);

export const portRange = advised(
  z.string(),
  (text) => {
    const match = /^(\d+)-(\d+)$/.exec(text);
    if (!match) return false;
    const [first, last] = [Number(match[1]), Number(match[2])];
    return first >= 1 && first <= last && last <= 65535;
  },
  {
    what: "is not a range of ports",
    why: "no port could be given to a replication",
    fix: "write the first and the last port, such as 4040-4139",
  },
).transform((text) => {
  const [first, last] = text.split("-");
  return { first: Number(first), last: Number(last) };
});

export const onePort = z.number().int().min(1).max(65535);

/** The placeholders that may stand in a host, an annotation or the name of a listener. */
export const exposurePlaceholders = ["peer", "replication", "service", "namespace", "port"] as const;

export const template = advised(
  z.string().min(1),
  (text) => (text.match(/\{[^}]*\}?/g) ?? []).every((each) => exposurePlaceholders.some((one) => each === `{${one}}`)),
  {
    what: "has a placeholder that nothing fills",
    why: "it would be written with its braces, and nobody could be reached under it",
    fix: `use only ${exposurePlaceholders.map((each) => `{${each}}`).join(", ")}`,
  },
);

export const filled = "{peer}, {replication}, {service}, {namespace} and {port} are filled in";
