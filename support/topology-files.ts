import { basename } from "node:path";
import type { Checked } from "../topology/check.ts";
import type { Source } from "../topology/file/source.ts";
import type { WrittenFile } from "../topology/file/written-file.ts";
import { formatFinding } from "../topology/findings/finding.ts";
import { secretsOfSource, withoutSecrets } from "../topology/secrets/source.ts";
import { mask, withoutSpans } from "../topology/secrets/texts.ts";
import { type BundleFile, pathPart } from "./bundle.ts";
import { plainData } from "./redaction.ts";

/** The files of a topology as they are written, what they come to, what is found in them, and the plan. */
export function topologyFiles(source: Source, { findings, ignored, plan }: Checked): BundleFile[] {
  const secrets = secretsOfSource(source);
  const written = source.parts.map((part, index): BundleFile => {
    const text = withoutSpans(part.text, secrets.spans.get(part.file) ?? [], () => mask);
    return {
      path: `topology/${nameOf(part, index)}`,
      content: withoutSecrets(text, secrets),
      clean: true,
      about: "the topology",
    };
  });
  const expanded: BundleFile[] =
    source.writtenOut || source.value === undefined
      ? []
      : [{ path: "topology/expanded.yaml", content: source.value, about: "the topology, written out" }];
  const told = [...findings, ...ignored.map(({ finding }) => finding)].map((finding) => formatFinding(finding));
  const found: BundleFile = {
    path: "findings.txt",
    content: `${told.join("\n\n") || "none"}\n`,
    clean: true,
    about: "the findings of `check`",
  };
  if (!plan) return [...written, ...expanded, found];
  const { operator, ...rest } = plan;
  // The operator's settings are names, none of which is a secret: `apiKey` is that of a kind.
  return [
    ...written,
    ...expanded,
    found,
    { path: "plan.yaml", content: plainData(rest), about: "the plan" },
    { path: "operator.yaml", content: plainData(operator), clean: true, about: "the operator's contract" },
  ];
}

/** Files of one name from different folders stay apart. */
function nameOf({ file }: WrittenFile, index: number): string {
  return index === 0 ? pathPart(basename(file)) : `${index}-${pathPart(basename(file))}`;
}
