import type { ProbeResult, VerifyReport } from "./run.ts";

/**
 * A report in the JUnit XML that CI systems read (GitLab's `artifacts:reports:junit`, Jenkins): a suite for each replication and a case for
 * each probe, then one for what is wrong beside the probes. Times are in seconds.
 */
export function junitOf({
  results,
  leftovers,
  trust,
  paused,
}: Pick<VerifyReport, "results" | "leftovers" | "trust" | "paused">): string {
  const suites = [...Map.groupBy(results, ({ probe }) => probe.replication)].map(([name, group]) =>
    suite(
      name,
      group.map(caseOf),
      group.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    ),
  );
  const others = [
    ...trust.map(({ truster, what, mend }) => failing(`trust of ${truster}`, `${truster} ${what}`, mend)),
    ...leftovers.map((what) => failing("cleaning up", what, "")),
  ];
  const skipped = paused.map((name) => skippedSuite(name));
  const rest = others.length === 0 ? [] : [suite("beside the probes", others, 0)];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bigpeer verify">\n${[...suites, ...skipped, ...rest].join("\n")}\n</testsuites>\n`;
}

interface Case {
  readonly text: string;
  readonly failed: boolean;
}

function suite(name: string, cases: readonly Case[], milliseconds: number): string {
  const failures = cases.filter(({ failed }) => failed).length;
  const head = `tests="${cases.length}" failures="${failures}" errors="0" time="${milliseconds / 1000}"`;
  return `  <testsuite name="${escaped(name)}" ${head}>\n${cases.map(({ text }) => text).join("\n")}\n  </testsuite>`;
}

function skippedSuite(name: string): string {
  const head = `<testsuite name="${escaped(name)}" tests="1" failures="0" errors="0" skipped="1" time="0">`;
  const skipped = `<testcase classname="${escaped(name)}" name="paused" time="0">\n      <skipped message="the replication is paused"/>\n    </testcase>`;
  return `  ${head}\n    ${skipped}\n  </testsuite>`;
}

function caseOf({ probe, passed, milliseconds, message, next }: ProbeResult): Case {
  const { replication, from, to, collection, expected } = probe;
  const name = `${from} to ${to}: ${collection} ${expected}`;
  const head = `    <testcase classname="${escaped(replication)}" name="${escaped(name)}" time="${milliseconds / 1000}"`;
  return passed ? { text: `${head}/>`, failed: false } : { text: withFailure(head, message, next ?? ""), failed: true };
}

function failing(name: string, message: string, next: string): Case {
  return {
    text: withFailure(`    <testcase classname="beside the probes" name="${escaped(name)}" time="0"`, message, next),
    failed: true,
  };
}

function withFailure(head: string, message: string, next: string): string {
  return `${head}>\n      <failure message="${escaped(message)}">${escaped(next)}</failure>\n    </testcase>`;
}

/** XML 1.0 has no form for most control characters at all. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? character);
}
