import { readFileSync } from "node:fs";
import { UsageError } from "../usage-error.ts";

/**
 * A Markdown report as a forge keeps it: the hidden marker first, the report, then where it comes from.
 * @param marker tells this report from others in the same place; without it the report's own first line does
 * @param limit the forge's, in characters
 * @throws UsageError if the file cannot be read, has no marker, or is too long
 */
export function reportText(file: string, marker: string | undefined, origin: string, limit: number): string {
  const report = readReport(file);
  if (report.trim() === "") throw new UsageError(`${file === "-" ? "the report" : file} is empty`);
  const [, first, rest = ""] = /^(<!--.*-->)[ \t]*(?:\r?\n|$)([\s\S]*)$/.exec(report) ?? [];
  const line = marker === undefined ? first : markerLine(marker);
  if (line === undefined)
    throw new UsageError(
      `${file === "-" ? "the report" : file} does not begin with a hidden marker (\`<!-- … -->\`) as the reports of \`diff --markdown\` and \`preview --markdown\` do; give one with --marker`,
    );
  const text = [line, (first === undefined ? report : rest).trim(), origin].filter((part) => part !== "").join("\n\n");
  if (text.length > limit)
    throw new UsageError(`${file} has ${text.length} characters with its marker, and the forge accepts ${limit}`);
  return `${text}\n`;
}

function markerLine(marker: string): string {
  if (!/^[\w .:/-]{1,100}$/.test(marker) || marker.includes("--"))
    throw new UsageError(
      `the marker "${marker}" may contain letters, digits, spaces and single . : / - _, and at most 100 characters`,
    );
  return `<!-- bigpeer-topology ${marker} -->`;
}

function readReport(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
