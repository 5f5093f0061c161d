import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSource } from "../topology/check.ts";
import { parseSource } from "../topology/file/source.ts";
import { formatFinding, sortFindings } from "../topology/findings/finding.ts";
import type { RuleDescription } from "../topology/findings/rule-description.ts";
import { fileRules } from "../topology/rules/index.ts";
import { liveRules } from "../topology/rules/live.ts";
import { ownershipRules } from "../topology/rules/ownership.ts";
import { renderingRules } from "../topology/rules/rendering.ts";
import { withoutMarks } from "./expect-marks.ts";
import { lineDifference } from "./line-difference.ts";

const root = join(import.meta.dirname, "..");

const introduction = `# Rules

Generated from the code and from the examples in test/bad/ and test/good/ by \`npm run generate\`.

\`bigpeer check\` and every \`pulumi preview\` and \`up\` check a topology against these rules. An **error** stops a deployment before anything is written; a
**warning** or a **note** does not.

A comment with a reason suppresses a finding in one place: at the end of the line, or above an entry for everything under it.

\`\`\`yaml
# bigpeer-ignore everything-everywhere: the price list is small, and every shop needs all of it
prices: { app: shop, mesh: [north, south, west], queries: { prices: "true" } }
\`\`\`

A finding about something that cannot work cannot be suppressed. A comment without a reason, with an unknown rule, or with nothing to suppress is a finding, too.
`;

/** The text of docs/rules.md. */
export function rulesPage(): string {
  const index = ["| rule | severity | what it finds |", "| --- | --- | --- |"].concat(
    [...fileRules, ...ownershipRules, ...liveRules, ...renderingRules].map(
      ({ id, severity, summary }) => `| [${id}](#${id}) | ${severity} | ${summary.replaceAll("|", "\\|")} |`,
    ),
  );
  return [
    introduction,
    index.join("\n"),
    ...fileRules.map(section),
    ownershipIntroduction,
    ...ownershipRules.map(withoutExample),
    liveIntroduction,
    ...liveRules.map(withoutExample),
    renderingIntroduction,
    ...renderingRules.map(withoutExample),
  ]
    .join("\n\n")
    .replace(/\n{3,}/g, "\n\n")
    .concat("\n");
}

const ownershipIntroduction = `# Among the stacks of a project

These problems are found by \`bigpeer check\` from the \`Pulumi.<stack>.yaml\` files in the current folder, by \`deploy\` before it begins, and by every \`pulumi preview\` and
\`up\`, which check only what concerns their own stack.`;

const liveIntroduction = `# In the clusters

These problems are found by \`bigpeer check --live\`, and before a deployment writes anything. Losses by an update are found only if \`--stack\` names the stack.`;

const renderingIntroduction = `# In a rendering

These problems are found by \`bigpeer render\`, which then writes nothing.`;

function withoutExample({ id, severity, summary, why, source }: RuleDescription): string {
  return [`## ${id}`, `${summary} (${severity})`, `Why: ${why}.  \nSource: ${source}.`].join("\n\n");
}

function section({ id, severity, summary, why, source, ignorable }: RuleDescription): string {
  const bad = withoutMarks(readFileSync(join(root, "test/bad", `${id}.yaml`), "utf8"));
  const good = readFileSync(join(root, "test/good", `${id}.yaml`), "utf8");
  const found = sortFindings(checkSource(parseSource("topology.yaml", bad)).findings).find(({ rule }) => rule === id);
  const ignore = ignorable ? `To suppress it: \`# bigpeer-ignore ${id}: <reason>\`` : "It cannot be suppressed.";
  return [
    `## ${id}`,
    `${summary} (${severity})`,
    `Why: ${why}.  \nSource: ${source}.  \n${ignore}`,
    `\`\`\`diff\n${lineDifference(bad.trimEnd(), good.trimEnd()).join("\n")}\n\`\`\``,
    ...(found ? [`\`\`\`text\n${formatFinding(found)}\n\`\`\``] : []),
  ].join("\n\n");
}
