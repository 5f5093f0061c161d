import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, visit, type YAMLError } from "yaml";
import { Finding, type FindingDetails, type Location, type Path } from "../findings/finding.ts";
import type { RuleDescription } from "../findings/rule-description.ts";
import { reading } from "../rules/reading.ts";

type At = (range: readonly [start: number, end: number]) => Location;

/** The errors of a text as YAML, or as YAML that names things. Each of them prevents the rest from being judged. */
export function yamlFindings(document: Document, text: string, at: At): Finding[] {
  const [syntax] = [...document.errors, ...document.warnings];
  // After the first syntax error the parser has lost its place, and what it reports of the rest of the file is noise.
  if (syntax) return [syntaxFinding(syntax, text, at)];
  return [...wrongKeys(document, at), ...(text.includes("*") ? wrongAliases(document, at) : [])];
}

function syntaxFinding(error: YAMLError, text: string, at: At): Finding {
  const found = (what: string, fix: string, location: Location) =>
    new Finding(reading.notYaml, { path: [], what, fix, location });
  const conflict = /^<{7}(?= |\r?$)(?=[\s\S]*^>{7}(?: |\r?$))/m.exec(text)?.index;
  if (conflict !== undefined) {
    const what = "a merge of two versions has left conflict markers here";
    const fix = "keep one side of each, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`";
    return found(what, fix, at([conflict, conflict + 7]));
  }
  if (error.code === "MULTIPLE_DOCS") {
    const what = "contains several documents, separated by `---`";
    const fix = "give each a file of its own: a topology is one document, and `check` takes several files";
    return found(what, fix, at(error.pos));
  }
  const fix = /directives-end/.test(error.message)
    ? "remove the line above that begins with `%`, or write `---` after it"
    : (remedies[error.code] ??
      "correct the line; quote text that contains `: `, `#`, `{` or a leading `*`, `&` or `@`");
  return found(`is not valid YAML: ${error.message}`, fix, at(error.pos));
}

const remedies: Partial<Record<YAMLError["code"], string>> = {
  TAB_AS_INDENT: "indent with spaces",
  BAD_INDENT: "close the bracket that is open above, or indent this line as far as its neighbours",
  BLOCK_IN_FLOW: 'put what belongs together into braces of its own, as in `queries: { cars: "true" }`',
  MISSING_CHAR: "close the quote or bracket that is open here; quote text that begins with a special character",
  UNEXPECTED_TOKEN: "remove the bracket or character that closes nothing",
  MULTILINE_IMPLICIT_KEY: "write `key: value` on one line",
  BLOCK_AS_IMPLICIT_KEY: "indent the entry below as far as this one; quote text that contains `: `",
};

/** Keys that a mapping has twice, keys that are not names, and `<<` with nothing to merge, in the order of the file. */
function wrongKeys(document: Document, at: At): Finding[] {
  const found: { key: unknown; finding: Finding }[] = [];
  const note = (key: unknown, rule: RuleDescription, details: Omit<FindingDetails, "path">, path: Path = []) =>
    found.push({ key, finding: new Finding(rule, { path, ...details, location: at(placeOf(key)) }) });
  const merged: { key: unknown; value: unknown }[] = [];
  let strangeUntil = 0;
  visit(document, {
    Map(_, { items }) {
      const seen = new Map<string, unknown>();
      for (const { key, value } of items) {
        // Findings inside a key that is not a name are left out.
        if (isCollection(key) && placeOf(key)[0] >= strangeUntil) {
          note(key, reading.wrongType, noName(isMap(key) ? "mapping" : "list"));
          strangeUntil = placeOf(key)[1];
        }
        if (!isScalar(key)) continue;
        if (key.type === "PLAIN" && key.source === "<<") merged.push({ key, value });
        // `1` and `"1"` are two keys in YAML, and one in the value that is read from it.
        const name = typeof key.value === "symbol" ? "<<" : String(key.value);
        if (name === "__proto__") note(key, reading.unknownKey, reservedName, [name]);
        const first = seen.get(name);
        if (first) note(key, reading.duplicateName, declaredTwice(at(placeOf(first)).line), [name]);
        else seen.set(name, key);
      }
    },
  });
  const anchored = merged.length > 0 ? anchorsOf(document) : new Map<string, unknown>();
  for (const { key, value } of merged) if (!mergeable(value, anchored)) note(key, reading.notYaml, nothingToMerge);
  return found.sort((one, other) => placeOf(one.key)[0] - placeOf(other.key)[0]).map(({ finding }) => finding);
}

const declaredTwice = (line: number) => ({
  what: `is declared twice; the first time is on line ${line}`,
  fix: "give the second one another name, or merge the two",
});

const noName = (kind: "mapping" | "list") => ({
  what: `a key is a ${kind}`,
  why: "a key is the name of something, so it has to be text",
  fix: "put it in quotes if it is text; a template (`{{ … }}`) has to be filled in before the file is read",
});

const reservedName = {
  what: "is a name that cannot be used",
  why: "JavaScript reserves it, so what it names would be lost silently",
  fix: "give it another name",
};

const nothingToMerge = {
  what: "`<<` inserts the content of another mapping, and no mapping is given",
  fix: "write `<<: *name`, and `&name` before the mapping that it repeats",
};

function anchorsOf(document: Document): ReadonlyMap<string, unknown> {
  const anchors = new Map<string, unknown>();
  visit(document, {
    Node(_, node) {
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return anchors;
}

function mergeable(value: unknown, anchors: ReadonlyMap<string, unknown>): boolean {
  if (isSeq(value)) return value.items.every((item) => !isSeq(item) && mergeable(item, anchors));
  // An alias without an anchor has a finding of its own.
  if (isAlias(value)) return !anchors.has(value.source) || isMap(anchors.get(value.source));
  return isMap(value);
}

/** Aliases without an anchor, or inside their own anchor. */
function wrongAliases(document: Document, at: At): Finding[] {
  const findings: Finding[] = [];
  const anchors = new Map<string, unknown>();
  visit(document, {
    Node(_, node, path) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      if (!node.range) return;
      const { source } = node;
      const target = anchors.get(source);
      if (target !== undefined && !path.some((around) => around === target)) return;
      findings.push(
        new Finding(reading.notYaml, {
          path: [],
          what:
            target === undefined
              ? `*${source} is an alias, and nothing above it has the anchor &${source}`
              : `*${source} is an alias inside the value that it repeats, so that value would never end`,
          fix: `put it in quotes if it is text, or write &${source} before the value that it repeats`,
          location: at([node.range[0], node.range[1]]),
        }),
      );
    },
  });
  return findings;
}

function placeOf(node: unknown): readonly [number, number] {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  if (!Array.isArray(range)) return [0, 1];
  const [start, end]: unknown[] = range;
  return [Number(start), Number(end)];
}
