import { expanded, needsExpansion } from "../expand/expand.ts";
import { type Files, filesOnDisk, noFiles } from "../expand/files.ts";
import type { Finding, Location, Path } from "../findings/finding.ts";
import { valueAt } from "../value-at.ts";
import { notText, parseText, unreadableFile, type WrittenFile } from "./written-file.ts";

/**
 * A topology as its file contains it, with the places of its values. If the file has templates, labels or includes, `value` is the expanded topology,
 * and the place of each value is the line that wrote it.
 */
export interface Source extends WrittenFile {
  /** The text of the file itself, as it is written. */
  readonly text: string;
  /** Warnings that arose while the topology was expanded, and that do not prevent a plan. */
  readonly warnings: readonly Finding[];
  /** Every file that the topology is made of: the file itself first, then the files that it includes, and tables. */
  readonly parts: readonly WrittenFile[];
  /** Folders whose files it includes. */
  readonly folders: readonly string[];
  /** The same topology as one text that needs no other file: the file's own text, if nothing had to be expanded. */
  asOneFile(): string;
  /** True if the file contains the whole topology as it is, so that every part of it can be edited there. */
  readonly writtenOut: boolean;
  /** The file in which an entry (`replications.blue-cars`) or a key of the topology is written out; undefined if a template generates it. */
  holder(path: Path): WrittenFile | undefined;
  /** The value in a file that produces the value at a path, so that a change to one changes the other; undefined if no file contains it. */
  writer(path: Path): Writer | undefined;
  /** The topology that results if its files have other texts, given by file name. */
  withTexts(texts: ReadonlyMap<string, string>): Source;
}

/** The place where a value of the topology is written. */
export interface Writer {
  readonly file: WrittenFile;
  /** The place in that file. */
  readonly path: Path;
  /** The kind of what is written there: the entry itself, the template of a row, or the defaults of several entries. */
  readonly kind: "entry" | "template" | "defaults";
  /** The row that fills the template. */
  readonly row?: Location | undefined;
}

/** Reads a file and the files that it refers to. A file that cannot be read is a finding, not an exception. */
export function readSource(file: string): Source {
  const files = filesOnDisk(file);
  const content = files.read(file);
  if (content.bytes) {
    const refused = notText(file, content.bytes);
    return refused ? alone(refused) : parseSource(file, content.bytes.toString(), files);
  }
  return alone(
    unreadableFile(file, "", {
      what: `cannot be read: ${content.problem}`,
      fix: "name an existing topology file (config `bigpeer:topology`, or the command's argument)",
    }),
  );
}

/**
 * Parses the text of a topology file.
 * @param files where to find the files that it refers to; by default there are none
 */
export function parseSource(file: string, text: string, files: Files = noFiles): Source {
  const written = parseText(file, text);
  return written.findings.length === 0 && needsExpansion(written) ? expanded(written, files) : alone(written, files);
}

/** A source from a file that refers to no others. */
function alone(written: WrittenFile, files: Files = noFiles): Source {
  return {
    ...written,
    warnings: [],
    parts: [written],
    folders: [],
    asOneFile: () => written.text,
    writtenOut: true,
    holder: () => written,
    writer: (path) => (valueAt(written.value, path) === undefined ? undefined : { file: written, path, kind: "entry" }),
    withTexts: (texts) => sourceWith(texts, written, files),
  };
}

/** A topology in which the text of some files differs from the text on disk. */
export function sourceWith(texts: ReadonlyMap<string, string>, { file, text }: WrittenFile, files: Files): Source {
  const read = (name: string) => {
    const other = texts.get(name);
    return other === undefined ? files.read(name) : { bytes: Buffer.from(other) };
  };
  return parseSource(file, texts.get(file) ?? text, { ...files, read });
}
