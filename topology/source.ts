import { readFileSync } from "node:fs";
import { type Document, isAlias, isScalar, LineCounter, parseDocument, type Scalar, visit, type YAMLError } from "yaml";
import { type Comment, commentsOf } from "./comments.ts";
import type { Finding, Location, Path } from "./finding.ts";
import { Nodes } from "./nodes.ts";

/** Larger than any topology that a person keeps in one file; what is larger is refused before it is parsed. */
const maxBytes = 4 * 1024 * 1024;
const maxDepth = 64;
const maxAliases = 100;

/** A topology file as text, with the places of its values. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** The plain value; undefined where the text is not YAML. */
  readonly value: unknown;
  /** What is wrong with the text as YAML. */
  readonly findings: readonly Finding[];
  /** The place of the value at a path, or of the nearest value around it that exists. With `key`, of its key. */
  locate(path: Path, part?: "key" | "value"): Location;
  /** The comments of the file, with their places. Looked for when asked: most files have none that matters. */
  comments(): readonly (Comment & { readonly location: Location })[];
}

/** Reads a file; one that cannot be read is a finding, not an exception. */
export function readSource(file: string): Source {
  try {
    return parseSource(file, readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return emptySource(file, "", {
      what: `cannot be read: ${reason}`,
      why: "without a topology there is nothing to plan",
      fix: "name an existing topology file (config `bigpeer:topology`, or the command's argument)",
    });
  }
}

/** Parses the text of a topology file. Nothing in YAML runs code here; size, depth and aliases are bounded. */
export function parseSource(file: string, text: string): Source {
  if (Buffer.byteLength(text) > maxBytes || nestsTooDeep(text)) {
    return emptySource(file, "", {
      what: `is larger than ${maxBytes} bytes or nested deeper than ${maxDepth} levels`,
      why: "a file like that is an accident or an attack, and reading it would take all memory",
      fix: "split it into topologies of their own",
    });
  }
  const lines = new LineCounter();
  // The parser's own search for keys that are there twice takes as long as the square of their number.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: "error" } as const;
  const document = parseDocument(text, options);
  const at = ([start, end]: readonly [number, number]): Location => {
    const { line, col } = lines.linePos(start);
    const lineEnd = text.indexOf("\n", start);
    const last = Math.min(end, lineEnd < 0 ? text.length : lineEnd);
    const column = Math.max(col, 1);
    return { file, line: Math.max(line, 1), column, endColumn: column + Math.max(1, last - start) };
  };
  const [syntax] = [...document.errors, ...document.warnings];
  // After the first syntax error the parser is lost, and what it says of the rest of the file is noise.
  const told = syntax ? [syntaxFinding(syntax, at)] : duplicateNames(document, at);
  const findings = [...told, ...wrongAliases(document, at)];
  if (findings.length > 0)
    return { file, text, value: undefined, findings, locate: () => at([0, 1]), comments: () => [] };
  const nodes = new Nodes(document);
  const locate = (path: Path, part: "key" | "value" = "value") => at(nodes.rangeOf(path, part));
  const comments = () =>
    commentsOf(text, document, lines).map((comment) => ({
      ...comment,
      location: at([comment.offset, comment.offset + 1 + comment.text.trimEnd().length]),
    }));
  try {
    return { file, text, value: document.toJS({ maxAliasCount: maxAliases }), findings, locate, comments };
  } catch (error) {
    return emptySource(file, text, {
      what: error instanceof Error ? error.message : String(error),
      why: "aliases that multiply would take all memory",
      fix: `use at most ${maxAliases} aliases of one anchor`,
    });
  }
}

function emptySource(file: string, text: string, advice: Pick<Finding, "what" | "why" | "fix">): Source {
  const location = { file, line: 1, column: 1 };
  const finding: Finding = { rule: "unreadable", severity: "error", path: [], ...advice, location };
  return { file, text, value: undefined, findings: [finding], locate: () => location, comments: () => [] };
}

/** Counted on the text, since the parser itself recurses. */
function nestsTooDeep(text: string): boolean {
  let open = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === "{" || character === "[") deepest = Math.max(deepest, ++open);
    else if (character === "}" || character === "]") open = Math.max(0, open - 1);
  }
  return deepest > maxDepth || /^ {256,}\S/m.test(text) || /^[ \t]*(?:-[ \t]+){64,}/m.test(text);
}

function syntaxFinding(error: YAMLError, at: (range: [number, number]) => Location): Finding {
  return {
    rule: "not-yaml",
    severity: "error",
    path: [],
    what: `is not valid YAML: ${error.message}`,
    why: "nothing of the file can be trusted until it parses",
    fix: remedies[error.code] ?? "correct the line; quote text that holds `: `, `#`, `{` or a leading `*`, `&` or `@`",
    location: at(error.pos),
  };
}

/** The keys that a mapping has twice, in the order of the file. */
function duplicateNames(document: Document, at: (range: [number, number]) => Location): Finding[] {
  const twice: Scalar[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        // `1` and `"1"` are two keys for YAML, and one for what is made of it.
        const name = String(key.value);
        if (seen.has(name)) twice.push(key);
        else seen.add(name);
      }
    },
  });
  const start = ({ range }: Scalar) => range?.[0] ?? 0;
  return twice
    .sort((one, other) => start(one) - start(other))
    .map((key) => ({
      rule: "duplicate-name",
      severity: "error",
      path: [String(key.value)],
      what: "is declared twice",
      why: "YAML keeps only one of the two, so half of what is written would be lost without a word",
      fix: "give the second one another name, or merge the two",
      location: at([start(key), start(key) + 1]),
    }));
}

const remedies: Partial<Record<YAMLError["code"], string>> = {
  TAB_AS_INDENT: "indent with spaces",
  BAD_INDENT: "close the bracket that is open above, or indent this line as far as its neighbours",
  MISSING_CHAR: "close the quote or bracket that is open here; quote text that begins with a sign",
  UNEXPECTED_TOKEN: "take away the bracket or sign that nothing opens",
  MULTILINE_IMPLICIT_KEY: "write `key: value` on one line, or take away what a merge has left (`<<<<<<<`, `=======`)",
  BLOCK_AS_IMPLICIT_KEY: "indent the entry below as far as this one; quote text that holds `: `",
};

/** Aliases that repeat nothing, or what they are a part of. */
function wrongAliases(document: Document, at: (range: readonly [number, number]) => Location): Finding[] {
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
      findings.push({
        rule: "not-yaml",
        severity: "error",
        path: [],
        what:
          target === undefined
            ? `*${source} is an alias, and nothing above it has the anchor &${source}`
            : `*${source} is an alias inside of the value that it repeats, so that value would never end`,
        why: "nothing of the file can be trusted until it parses",
        fix: `put it in quotes if it is a text, or write &${source} before the value that it repeats`,
        location: at([node.range[0], node.range[1]]),
      });
    },
  });
  return findings;
}
