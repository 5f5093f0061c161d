import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

export interface VitestResults {
  passed: number;
  failed: number;
  skipped: number;
  /** Each failed test, with its file and the first lines of its message. A file that failed outside of its tests is included. */
  failures: string[];
}

/** These lines say what a test expected. The output of the run contains the whole message. */
const messageLines = 8;

/**
 * Reads what Vitest's JSON reporter wrote.
 *
 * @param root The folder that the names of files are relative to.
 * @returns Nothing if the text is not such a report, as after a runner that died.
 */
export function vitestResults(text: string, root: string): VitestResults | undefined {
  const read = report.safeParse(parsed(text));
  if (!read.success) return undefined;
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = read.data;
  const failures = testResults.flatMap((file) => {
    const tests = file.assertionResults.filter(({ status }) => status === "failed");
    const place = relative(root, file.name);
    if (tests.length === 0) return file.status === "failed" ? [failure(place, file.message)] : [];
    return tests.map((test) => failure(`${place} > ${test.fullName}`, test.failureMessages?.[0]));
  });
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, failures };
}

function failure(place: string, message: string | undefined): string {
  const lines = stripVTControlCharacters(message ?? "").split("\n");
  return [
    place,
    ...lines
      .filter((line) => line.trim() !== "")
      .slice(0, messageLines)
      .map((line) => `    ${line}`),
  ].join("\n");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
