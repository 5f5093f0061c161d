import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSource } from "../topology/check.ts";
import { parseSource } from "../topology/file/source.ts";
import { formatFindings } from "../topology/findings/finding.ts";
import { withoutMarks } from "./expect-marks.ts";

const folder = join(import.meta.dirname, "../test/bad");

const introduction = `# Ten topologies written in a hurry

Topologies that a new user may write at first, and the reports of \`bigpeer check\` about them. Generated from test/bad/hurried.*.yaml by \`npm run generate\`;
[rules.md](rules.md) describes what each rule looks for.`;

/** The text of docs/errors.md. */
export function errorsPage(): string {
  const names = readdirSync(folder).filter((name) => name.startsWith("hurried."));
  return `${[introduction, ...names.sort().map(section)].join("\n\n")}\n`;
}

/** `hurried.03-no-versions.yaml` is the third, "No versions". */
function section(name: string): string {
  const [, number, words] = /^hurried\.0*(\d+)-(.+)\.yaml$/.exec(name) ?? [];
  if (number === undefined || words === undefined) throw new Error(`${name} is not hurried.<number>-<what-it-is>.yaml`);
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1).replaceAll("-", " ")}`;
  const text = withoutMarks(readFileSync(join(folder, name), "utf8"));
  const said = formatFindings(checkSource(parseSource("topology.yaml", text)).findings);
  return [`## ${number}. ${title}`, `\`\`\`yaml\n${text.trimEnd()}\n\`\`\``, `\`\`\`text\n${said}\n\`\`\``].join(
    "\n\n",
  );
}
