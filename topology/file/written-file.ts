import { isUtf8 } from "node:buffer";
import { LineCounter, parseDocument } from "yaml";
import { Finding, type FindingDetails, type Location, type Path } from "../findings/finding.ts";
import { reading } from "../rules/reading.ts";
import { type Comment, commentsOf } from "./comments.ts";
import { Nodes } from "./nodes.ts";
import { yamlFindings } from "./yaml-findings.ts";

/** More than any topology that a person keeps in one file; a larger text is refused before it is parsed. */
export const maxBytes = 4 * 1024 * 1024;
const maxDepth = 64;
const maxAliases = 100;

/** One text without the files that it names, with the places of its values. */
export interface WrittenFile {
  readonly file: string;
  readonly text: string;
  /** The plain value; undefined where the text is not YAML. */
  readonly value: unknown;
  /** The text's errors as YAML. */
  readonly findings: readonly Finding[];
  /** The place of the value at a path, or of the nearest value around it that exists. With `key`, of its key. */
  locate(path: Path, part?: "key" | "value"): Location;
  /**
   * The place of the value at a path, in characters from the start of the text; undefined where no value stands exactly
   * there.
   */
  rangeOf(path: Path): readonly [start: number, end: number] | undefined;
  /**
   * The comments of the file, with their places. They are looked for when they are asked for, as most files have none
   * that matters.
   */
  comments(): readonly (Comment & { readonly location: Location })[];
}

/**
 * In this encoding, which some editors and shells write by default, the file would look as if it had none of the keys.
 */
export function notText(file: string, bytes: Buffer): WrittenFile | undefined {
  if (isUtf8(bytes) && !bytes.includes(0)) return undefined;
  const mark = bytes.subarray(0, 2).toString("hex");
  const utf16 = mark === "fffe" || mark === "feff";
  const text = bytes.toString();
  const line = utf16 ? 1 : text.slice(0, Math.max(0, text.search(/[\uFFFD\0]/))).split("\n").length;
  return unreadableFile(
    file,
    "",
    {
      what: utf16 ? "is UTF-16 text" : `is not UTF-8 text: line ${line} has bytes that are not valid`,
      why: "names and queries could be read as something else",
      fix: "save it as UTF-8 (in PowerShell: `Set-Content -Encoding utf8`)",
    },
    line,
  );
}

/** Parses one text. Nothing in YAML runs code here; size, depth and aliases are bounded. */
export function parseText(file: string, text: string): WrittenFile {
  if (Buffer.byteLength(text) > maxBytes || nestsTooDeep(text)) {
    return unreadableFile(file, "", {
      what: `is larger than ${maxBytes} bytes or nested deeper than ${maxDepth} levels`,
      why: "a file like that is an accident or an attack, and reading it would take all memory",
      fix: "split it into several topologies",
    });
  }
  const lines = new LineCounter();
  // The parser's own search for duplicate keys takes a time that grows with the square of their number.
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    merge: true,
    logLevel: "error",
  } as const;
  const document = parseDocument(text, options);
  const at = ([start, end]: readonly [number, number]): Location => {
    const { line, col } = lines.linePos(start);
    const lineEnd = text.indexOf("\n", start);
    const last = Math.min(end, lineEnd < 0 ? text.length : lineEnd);
    const column = Math.max(col, 1);
    return { file, line: Math.max(line, 1), column, endColumn: column + Math.max(1, last - start) };
  };
  const findings = yamlFindings(document, text, at);
  if (findings.length > 0)
    return {
      file,
      text,
      value: undefined,
      findings,
      locate: () => at([0, 1]),
      rangeOf: () => undefined,
      comments: () => [],
    };
  const nodes = new Nodes(document);
  const locate = (path: Path, part: "key" | "value" = "value") => at(nodes.rangeOf(path, part));
  const rangeOf = (path: Path) => nodes.valueRange(path);
  const comments = () =>
    commentsOf(text, document, lines).map((comment) => ({
      ...comment,
      location: at([comment.offset, comment.offset + 1 + comment.text.trimEnd().length]),
    }));
  try {
    return { file, text, value: document.toJS({ maxAliasCount: maxAliases }), findings, locate, rangeOf, comments };
  } catch (error) {
    return unreadableFile(file, text, {
      what: error instanceof Error ? error.message : String(error),
      why: "aliases that multiply would take all memory",
      fix: `use at most ${maxAliases} aliases of one anchor`,
    });
  }
}

/** A file of which only its errors are known. */
export function unreadableFile(
  file: string,
  text: string,
  advice: Pick<FindingDetails, "what" | "why" | "fix">,
  line = 1,
): WrittenFile {
  const location = { file, line, column: 1 };
  const finding = new Finding(reading.unreadable, { path: [], ...advice, location });
  return {
    file,
    text,
    value: undefined,
    findings: [finding],
    locate: () => location,
    rangeOf: () => undefined,
    comments: () => [],
  };
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
