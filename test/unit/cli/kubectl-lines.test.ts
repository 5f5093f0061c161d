/** A command that is copied has to reach the cluster that it is about, whatever context the reader's kubeconfig has chosen. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Folders whose text no user reads as a message. */
const notPrinted = /^(?:test|bench|lab|scripts|templates?|examples)\//;

/** `kubectl` with a verb or with a namespace, but without a context before it. `kubectl config` is about the kubeconfig itself. */
const withoutContext =
  /\bkubectl (?=-n |--namespace|annotate\b|apply\b|auth\b|create\b|delete\b|describe\b|edit\b|exec\b|explain\b|get\b|label\b|logs\b|patch\b|replace\b|rollout\b|scale\b)/;

/** The lines of a module that are neither comments nor documentation, each with its place. */
function linesOf(file: string): { readonly at: string; readonly text: string }[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""));
  return text.split("\n").map((line, index) => ({ at: `${file}:${index + 1}`, text: line.replace(/^\s*\/\/.*/, "") }));
}

/** Lines about a cluster that is not in the topology, so that nobody knows its context. */
const unknownCluster = /create secret generic \$\{secret\} --from-file=kubeconfig=/;

test("every kubectl line that is printed names the context of its cluster", () => {
  const files = execFileSync("git", ["ls-files", "*.ts"], { encoding: "utf8" }).trim().split("\n");
  const printed = files.filter((file) => !notPrinted.test(file)).flatMap(linesOf);
  expect(printed.filter(({ text }) => /\bkubectl\b/.test(text)).length).toBeGreaterThan(20);
  const bare = printed.filter(({ text }) => withoutContext.test(text) && !unknownCluster.test(text));
  expect(bare.map(({ at, text }) => `${at} ${text.trim()}`)).toEqual([]);
});

/** The lines of the documents that users read, each with its place. */
function documentLines(): { readonly at: string; readonly text: string }[] {
  const files = execFileSync("git", ["ls-files", "*.md"], { encoding: "utf8" }).trim().split("\n");
  // A changelog says what was so once, and a bench names what it compares with.
  return files
    .filter((file) => !/^(?:test|bench|lab|CHANGELOG\.md|docs\/performance\.md)/.test(file))
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .map((text, index) => ({ at: `${file}:${index + 1}`, text })),
    );
}

test("every kubectl line of a document names the context of its cluster", () => {
  const lines = documentLines();
  expect(lines.filter(({ text }) => /\bkubectl --context\b/.test(text)).length).toBeGreaterThan(20);
  const bare = lines.filter(({ text }) => withoutContext.test(text));
  expect(bare.map(({ at, text }) => `${at} ${text.trim()}`)).toEqual([]);
});

test.each([
  ["  next: `kubectl -n ditto get pods`,", true],
  ['  const help = "kubectl get gateways -A";', true],
  ["  next: `kubectl --context east -n ditto get pods`,", false],
  ["  next: `kubectl config get-contexts lists them`,", false],
])("%s lacks its context: %s", (line, lacks) => {
  expect(withoutContext.test(line)).toBe(lacks);
});
