import type { Finding, Location } from "./finding.ts";
import { hidesWhatItFinds, isSecretKey, parameterOfUrl, userInUrl } from "./rules/plain-secret.ts";
import type { Source } from "./source.ts";

/**
 * Gives each finding the line of the file that it points to, with secrets blanked: findings end up in logs and reports.
 * `ignored` are findings that are not shown, and may be about a secret on the same line.
 */
export function withExcerpts(source: Source, findings: readonly Finding[], ignored: readonly Finding[]): Finding[] {
  if (findings.length === 0) return [];
  const lines = source.text.split(/\r?\n/);
  const hidden = [...findings, ...ignored].flatMap(({ rule, location }) =>
    location && hidesWhatItFinds(rule) ? [location] : [],
  );
  return findings.map((finding) => {
    const { location } = finding;
    const line = location && lines[location.line - 1];
    if (!location || line === undefined || line.trim() === "") return finding;
    return finding.with({ excerpt: blank(line, location.line, hidden) });
  });
}

function blank(line: string, number: number, hidden: readonly Location[]): string {
  const found = hidden
    .filter((each) => each.line === number)
    .reduce((text, { column, endColumn }) => stars(text, column - 1, (endColumn ?? text.length + 1) - 1), line);
  // Where the file does not parse, no rule has looked for secrets.
  return [...found.matchAll(/([\w-]+)["']?\s*:\s*(?=[^\s{[])("[^"]*"?|'[^']*'?|[^,}\]\s]*)/g)]
    .filter(([, key]) => isSecretKey(key ?? ""))
    .reduce((text, match) => stars(text, match.index + match[0].length - (match[2] ?? "").length, end(match)), found)
    .replace(userInUrl, (user) => "*".repeat(user.length))
    .replace(parameterOfUrl, (whole, key: string, value: string) =>
      isSecretKey(key) ? `${key}=${"*".repeat(value.length)}` : whole,
    );
}

function end(match: RegExpMatchArray): number {
  return (match.index ?? 0) + match[0].length;
}

function stars(text: string, from: number, to: number): string {
  return text.slice(0, from) + "*".repeat(Math.max(0, to - from)) + text.slice(to);
}
