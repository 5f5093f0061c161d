import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { mutated } from "./strange.ts";
import { Tape, tapes } from "./tape.ts";
import { topologyValue } from "./topology-values.ts";

const root = join(import.meta.dirname, "../..");

/** Every topology of the project, right and wrong ones. */
const corpus = ["topologies", "test/good", "test/bad"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => readFileSync(join(root, folder, name), "utf8")),
);
const [firstText = ""] = corpus;
const values: readonly unknown[] = corpus.flatMap((text) => {
  try {
    const value: unknown = parse(text, { logLevel: "silent" });
    return [value];
  } catch {
    return [];
  }
});

/** Texts of every kind, the kind of each named, so that a failure says what it is. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: tapes.map((bytes) => byGrammar(new Tape(bytes))) },
  { weight: 3, arbitrary: tapes.map((bytes) => byStructure(new Tape(bytes))) },
  { weight: 3, arbitrary: tapes.map((bytes) => byLetters(new Tape(bytes))) },
  { weight: 1, arbitrary: tapes.map((bytes) => ofTokens(new Tape(bytes))) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
);

function byGrammar(tape: Tape): string {
  return written(tape, topologyValue(tape));
}

function byStructure(tape: Tape): string {
  const value = tape.chance(3) ? topologyValue(tape) : values[tape.below(values.length)];
  return written(tape, mutated(tape, value, 1 + tape.below(3)));
}

/** JSON is YAML, and is written faster. */
function written(tape: Tape, value: unknown): string {
  if (tape.chance(4)) return stringify(value, { aliasDuplicateObjects: tape.chance(2) }) ?? "";
  return JSON.stringify(value, null, tape.below(3)) ?? "";
}

const tokens: readonly [string, ...string[]] = [
  ...[
    "\n",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    "- ",
    "? ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "#",
    " # bigpeer-ignore ",
    "'",
    '"',
    "|",
    ">",
  ],
  ...[
    "&a ",
    "*a",
    "<<: *a",
    "!!",
    "!!binary ",
    "!!set ",
    "!!omap ",
    "!!js/function ",
    "!<tag:yaml.org,2002:str> ",
    "%YAML 1.1\n",
  ],
  ...[
    "---\n",
    "...\n",
    "~",
    "null",
    "true",
    "1e999",
    ".nan",
    "0x1f",
    "2001-01-01",
    "\u0000",
    "\ufeff",
    "\r",
    "\u2028",
    "\ud800",
  ],
  ...[
    "clusters:",
    "peers:",
    "apps:",
    "replications:",
    "mesh: ",
    "hub: ",
    "__proto__",
    "constructor",
    "(",
    ")",
    " AND ",
    "NOT ",
  ],
] as [string, ...string[]];

function byLetters(tape: Tape): string {
  return spoilt(tape, corpus[tape.below(corpus.length)] ?? firstText, corpus);
}

/** A text with up to six changes of letters, lines and tokens, or ends of others. */
export function spoilt(tape: Tape, whole: string, others: readonly string[]): string {
  let text = whole;
  for (let change = 1 + tape.below(6); change > 0; change--) {
    const from = tape.below(text.length + 1);
    const to = Math.min(text.length, from + tape.below(40));
    switch (tape.below(7)) {
      case 0:
        text = text.slice(0, from) + text.slice(to);
        break;
      case 1:
        text = text.slice(0, to) + text.slice(from);
        break;
      case 2: {
        const other = others[tape.below(others.length)] ?? "";
        text = text.slice(0, from) + other.slice(tape.below(other.length + 1));
        break;
      }
      case 3:
        text = text.slice(0, from) + String.fromCharCode(tape.below(256)) + text.slice(from + 1);
        break;
      case 4:
        text =
          text.slice(0, from) + tape.pick(tokens).repeat(1 + (tape.chance(8) ? tape.below(500) : 0)) + text.slice(from);
        break;
      case 5: {
        const lines = text.split("\n");
        const [line = ""] = lines.splice(tape.below(lines.length), 1);
        lines.splice(tape.below(lines.length + 1), 0, line);
        text = lines.join("\n");
        break;
      }
      default:
        text = text.slice(0, from) + tape.pick(tokens) + text.slice(to);
    }
  }
  return text;
}

function ofTokens(tape: Tape): string {
  return Array.from({ length: 1 + tape.below(60) }, () =>
    tape.pick(tokens).repeat(tape.chance(12) ? 1 + tape.below(2_000) : 1),
  ).join("");
}
