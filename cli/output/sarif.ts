import { createHash } from "node:crypto";
import { isAbsolute, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { type Finding, formatPath, sortFindings } from "../../topology/findings/finding.ts";
import { pageAddress, publicAddress } from "../../topology/pages.ts";
import { allRules } from "../../topology/rules/index.ts";

/**
 * Findings as a SARIF 2.1.0 log, for code scanning. Files below `directory` are named relative to it. What a comment suppresses
 * is left out: code scanning would show it as open. Fingerprints do not depend on lines, so a finding that moves is the same one.
 * @param base where the pages of the rules are published, as `publicAddress`
 */
export function sarifLog(findings: readonly Finding[], directory: string, base: string | undefined = publicAddress) {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "bigpeer",
            rules: allRules.map(({ id, severity, summary, why, source, ignorable }) => {
              const ignore = ignorable ? `Ignore it in one place: # bigpeer-ignore ${id}: <reason>. ` : "";
              const help = `Why: ${why}. Source: ${source}. ${ignore}`;
              const page = pageAddress(`docs/rules.md#${id}`, base);
              return {
                id,
                shortDescription: { text: summary },
                // The format takes nothing but absolute URIs there.
                ...(base === undefined ? {} : { helpUri: page }),
                help: { text: `${help}More: ${page}`, markdown: `${help}More: [docs/rules.md](${page})` },
                defaultConfiguration: { level: severity },
              };
            }),
          },
        },
        columnKind: "utf16CodeUnits",
        results: sortFindings(findings).map((finding) => resultOf(finding, directory)),
      },
    ],
  };
}

function resultOf(finding: Finding, directory: string) {
  const { rule, severity, path, what, why, fix, location, excerpt } = finding;
  const place = formatPath(path);
  const file = location?.file ?? "";
  return {
    ruleId: rule,
    ruleIndex: allRules.findIndex(({ id }) => id === rule),
    level: severity,
    message: { text: `${place === "" ? "" : `${place}: `}${what}. Why: ${why}. Fix: ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(file, directory),
          region: {
            startLine: location?.line ?? 1,
            startColumn: location?.column ?? 1,
            ...(location?.endColumn === undefined ? {} : { endColumn: location.endColumn }),
            ...(excerpt === undefined ? {} : { snippet: { text: excerpt } }),
          },
        },
        ...(place === "" ? {} : { logicalLocations: [{ fullyQualifiedName: place }] }),
      },
    ],
    ...(location?.via
      ? {
          relatedLocations: [
            {
              physicalLocation: {
                artifactLocation: artifact(location.via.file, directory),
                region: { startLine: location.via.line, startColumn: location.via.column },
              },
            },
          ],
        }
      : {}),
    partialFingerprints: {
      "bigpeerFinding/v1": createHash("sha256").update(`${rule}\n${place}\n${what}`).digest("hex"),
    },
  };
}

function artifact(file: string, directory: string): { uri: string; uriBaseId?: string } {
  const below = isAbsolute(file) ? relative(directory, file) : file;
  if (isAbsolute(below) || below.split(sep)[0] === "..") return { uri: pathToFileURL(file).href };
  return { uri: below.split(sep).map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
}
