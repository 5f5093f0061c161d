import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RuleDescription } from "../../topology/findings/rule-description.ts";
import { suggestion } from "../../topology/findings/suggest.ts";
import { pageAddress } from "../../topology/pages.ts";
import { allRules, fileRules } from "../../topology/rules/index.ts";
import { liveRules } from "../../topology/rules/live.ts";
import { colours as pc } from "../output/colours.ts";
import { packageFolder } from "../project/package-folder.ts";
import { UsageError } from "../usage-error.ts";

const pages = join(packageFolder, "docs/rules.md");

/** `bigpeer explain-rule`: what a rule is about, or all of them with what each finds.
 * @returns 0
 * @throws UsageError with the nearest rule if there is none of this id */
export async function explainRuleCommand(id: string | undefined, { json }: { json?: boolean }): Promise<number> {
  if (id === undefined) {
    if (json) console.log(JSON.stringify({ version: 1, rules: allRules.map(entryOf) }, null, 2));
    else console.log(formatList(allRules));
    return 0;
  }
  const rule = allRules.find((each) => each.id === id);
  if (!rule) {
    const known = allRules.map((each) => each.id);
    throw new UsageError(
      `there is no rule "${id}"; ${suggestion(id, known, "rule")} (\`bigpeer explain-rule\` lists all of them)`,
    );
  }
  if (json) console.log(JSON.stringify({ version: 1, ...entryOf(rule) }, null, 2));
  else console.log(formatRule(rule, exampleOf(rule.id)));
  return 0;
}

function entryOf({ id, severity, summary, why, source, ignorable }: RuleDescription) {
  return { id, severity, summary, why, source, ignorable };
}

function formatList(rules: readonly RuleDescription[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  return rules
    .map(
      (rule) => `${rule.id.padEnd(width)}  ${painted(rule, rule.severity.padEnd("warning".length))}  ${rule.summary}`,
    )
    .join("\n");
}

function formatRule(rule: RuleDescription, example: string | undefined): string {
  const { id, summary, severity, why, source, ignorable } = rule;
  return [
    `${pc.bold(id)}  ${painted(rule, severity)}`,
    summary,
    [
      `  ${pc.dim("why:")} ${why}`,
      `  ${pc.dim("source:")} ${source}`,
      `  ${pc.dim("found:")} ${whereFound(rule)}`,
      `  ${pc.dim("ignore:")} ${ignorable ? `# bigpeer-ignore ${id}: <reason>` : "it cannot be ignored"}`,
    ].join("\n"),
    ...(example === undefined ? [] : [example]),
    pc.dim(pageAddress(`docs/rules.md#${id}`)),
  ].join("\n\n");
}

function painted({ severity }: RuleDescription, text: string): string {
  return { error: pc.red, warning: pc.yellow, note: pc.cyan }[severity](text);
}

function whereFound(rule: RuleDescription): string {
  if (fileRules.includes(rule)) return "in the topology file, by `bigpeer check` and every run of the engine";
  return liveRules.includes(rule)
    ? "in the clusters, by `bigpeer check --live` and before a deployment writes anything"
    : "by `bigpeer render`, which then writes nothing";
}

/** The example on a rule's page, indented: what to change, and what is said before the change. Rules that look elsewhere than in the file have none. */
function exampleOf(id: string): string | undefined {
  const [, section = ""] = readFileSync(pages, "utf8").split(`\n## ${id}\n`);
  const [, change] = /^```diff\n([\s\S]*?)\n```$/m.exec(upToNextHeading(section)) ?? [];
  const [, said] = /^```text\n([\s\S]*?)\n```$/m.exec(upToNextHeading(section)) ?? [];
  if (change === undefined) return undefined;
  const parts = [
    pc.dim("An example, and how to fix it:"),
    indented(change),
    ...(said === undefined ? [] : [pc.dim("The finding:"), indented(said)]),
  ];
  return parts.join("\n\n");
}

function upToNextHeading(text: string): string {
  return text.split(/^#{1,2} /m)[0] ?? "";
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
