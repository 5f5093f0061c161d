import { appendFileSync } from "node:fs";
import { BusyError, type Entries, type Forge, ForgeError } from "../../forge/forge.ts";
import { closeOne, type Kept, keepOne, updateOne } from "../../forge/keep-one.ts";
import { type ForgeEnvironment, forgeEnvironment } from "../forge/forge-environment.ts";
import { reportText } from "../forge/report-file.ts";
import { UsageError } from "../usage-error.ts";

/** What `--json` prints. */
interface Result extends Kept {
  /** Why nothing was written. */
  readonly note?: string;
}

/** `bigpeer comment`: a report as one comment on a pull request, changed in place from then on.
 * @returns 1 if the forge refuses or stays busy, else 0, also where a fork may not write */
export function commentCommand(
  file: string,
  options: { marker?: string; pullRequest?: string; updateOnly?: boolean; json?: boolean },
): Promise<number> {
  const environment = forgeEnvironment(process.env);
  const number = options.pullRequest === undefined ? environment.pullRequest : Number(options.pullRequest);
  if (number === undefined)
    throw new UsageError("this job does not run for a pull request; name one with --pull-request");
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--pull-request takes a number, not "${options.pullRequest}"`);
  return write(environment, file, options, {
    what: `comment on pull request ${number}`,
    permission: ({ commentPermission }) => commentPermission,
    act: (forge, body) => (options.updateOnly ? updateOne : keepOne)(forge.comments(number), { title: "", body }),
  });
}

/** `bigpeer issue`: a report as one open issue, changed in place, and closed when it is resolved.
 * @returns 1 if the forge refuses or stays busy, else 0 */
export function issueCommand(
  file: string,
  options: { title: string; marker?: string; resolved?: boolean; json?: boolean },
): Promise<number> {
  const act = (issues: Entries, body: string) =>
    (options.resolved ? closeOne : keepOne)(issues, { title: options.title, body });
  return write(forgeEnvironment(process.env), file, options, {
    what: `issue "${options.title}"`,
    permission: ({ issuePermission }) => issuePermission,
    act: (forge, body) => act(forge.issues(), body),
  });
}

interface Task {
  readonly what: string;
  readonly permission: (forge: Forge) => string;
  readonly act: (forge: Forge, body: string) => Promise<Kept>;
}

async function write(
  environment: ForgeEnvironment,
  file: string,
  { marker, json }: { marker?: string; json?: boolean },
  { what, permission, act }: Task,
): Promise<number> {
  const { forge, readOnly, origin, summaryFile } = environment;
  const body = reportText(file, marker, origin, forge?.limit ?? Number.POSITIVE_INFINITY);
  const skipped = (reason: string): number => {
    if (summaryFile) appendFileSync(summaryFile, `${body}\n`);
    const note = `${reason}, so nothing is written${summaryFile ? "; the report is in the job's summary" : ""}`;
    print({ action: "none", url: undefined, note }, json, `${what}: ${note}`);
    return 0;
  };
  if (!forge) return skipped(readOnly ?? "there is no token");
  try {
    const kept = await act(forge, body);
    print(kept, json, `${what}: ${kept.action}${kept.url === undefined ? "" : ` ${kept.url}`}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ForgeError || error instanceof BusyError)) throw error;
    const refused = error instanceof ForgeError && (error.status === 401 || error.status === 403);
    if (refused && readOnly !== undefined) return skipped(readOnly);
    console.error(`error: ${what}: ${error.message}${adviceOn(error, permission(forge))}`);
    return 1;
  }
}

function adviceOn(error: ForgeError | BusyError, permission: string): string {
  if (error instanceof BusyError) return "\nThe forge remained busy or unreachable; run the job again later.";
  if (error.status === 401) return "\nThe forge does not accept the token: it may have expired or been revoked.";
  if (error.status === 403) return `\nThe token may not do that: ${permission}.`;
  if (error.status === 404) return `\nThis does not exist, or the token may not see it: ${permission}.`;
  return "";
}

function print(result: Result, json: boolean | undefined, text: string): void {
  console.log(json ? JSON.stringify({ version: 1, ...result }) : text);
}
