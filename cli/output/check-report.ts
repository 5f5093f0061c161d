import { z } from "zod";
import type { Checked } from "../../topology/check.ts";
import { type Finding, formatPath, sortFindings } from "../../topology/findings/finding.ts";

const finding = z.strictObject({
  rule: z.string().describe("Id of the rule; docs/rules.md has a section for each."),
  severity: z.enum(["error", "warning", "note"]),
  path: z.string().describe("The value in the topology, such as `replications.blue-cars.between[1]`; empty: the file."),
  what: z.string(),
  why: z.string(),
  fix: z.string(),
  file: z
    .string()
    .optional()
    .describe(
      "The file of `line`, if it is not the topology but a file that it includes, a table, or a stack's configuration.",
    ),
  line: z.int().min(1).optional(),
  via: z
    .object({ file: z.string(), line: z.int().min(1) })
    .optional()
    .describe("The other line that contributed to it: the template of a row, or the row of a template."),
  column: z.int().min(1).optional(),
  endColumn: z.int().min(1).optional().describe("The column after the last character, on the same line."),
  excerpt: z.string().optional().describe("The line of the file, with secrets masked."),
});

/** What `bigpeer check --json` prints. Keys are added, never changed, within a version. */
export const checkReport = z.strictObject({
  version: z.literal(1),
  files: z.array(
    z.strictObject({
      file: z.string(),
      peers: z.int().optional().describe("The number of planned peers; absent if errors prevent a plan."),
      replications: z.int().optional(),
      findings: z.array(finding).describe("Errors first, then in the order of the file."),
      ignored: z
        .array(finding.extend({ reason: z.string() }))
        .describe("Findings that a comment ignores, with its reason."),
    }),
  ),
});
export type CheckReport = z.output<typeof checkReport>;

/** The report on files that were judged. */
export function reportOf(judged: readonly { file: string; checked: Checked }[]): CheckReport {
  return {
    version: 1,
    files: judged.map(({ file, checked: { plan, findings, ignored } }) => ({
      file,
      ...(plan ? { peers: plan.peers.size, replications: plan.replications.size } : {}),
      findings: sortFindings(findings).map((each) => entryOf(each, file)),
      ignored: ignored.map(({ finding: each, reason }) => ({ ...entryOf(each, file), reason })),
    })),
  };
}

function entryOf(
  { location, path, rule, severity, what, why, fix, excerpt }: Finding,
  topology: string,
): z.output<typeof finding> {
  return {
    rule,
    severity,
    path: formatPath(path),
    what,
    why,
    fix,
    ...(location && location.file !== topology ? { file: location.file } : {}),
    ...(location ? { line: location.line, column: location.column } : {}),
    ...(location?.via ? { via: { file: location.via.file, line: location.via.line } } : {}),
    ...(location?.endColumn === undefined ? {} : { endColumn: location.endColumn }),
    ...(excerpt === undefined ? {} : { excerpt }),
  };
}
