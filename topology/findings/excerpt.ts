import type { Source } from "../file/source.ts";
import type { WrittenFile } from "../file/written-file.ts";
import { lineWithoutSecrets, secretsOfSource, withoutSecrets } from "../secrets/source.ts";
import type { Finding } from "./finding.ts";

/**
 * Gives each finding the line of the file that it points to. Findings end up in logs and reports, so secrets are blanked: in the line,
 * and where a finding quotes what it found.
 */
export function withExcerpts(source: Source, findings: readonly Finding[]): Finding[] {
  if (findings.length === 0) return [];
  const parts = new Map(source.parts.map((part) => [part.file, linesOf(part)]));
  const secrets = secretsOfSource(source);
  return findings.map((finding) => {
    const { location } = finding;
    const part = parts.get(location?.file ?? "");
    const told = finding.with({
      what: withoutSecrets(finding.what, secrets),
      why: withoutSecrets(finding.why, secrets),
      fix: withoutSecrets(finding.fix, secrets),
    });
    const number = (location?.line ?? 0) - 1;
    const line = part?.lines[number]?.replace(/\r$/, "");
    if (!location || line === undefined || line.trim() === "") return told;
    const own = { spans: secrets.spans.get(location.file) ?? [], texts: secrets.texts };
    return told.with({ excerpt: lineWithoutSecrets(line, part?.offsets[number] ?? 0, own) });
  });
}

/** The lines of a file, and where each begins. */
function linesOf({ text }: WrittenFile): { readonly lines: readonly string[]; readonly offsets: readonly number[] } {
  const lines = text.split("\n");
  const offsets = [0];
  for (const line of lines) offsets.push((offsets.at(-1) ?? 0) + line.length + 1);
  return { lines, offsets };
}
