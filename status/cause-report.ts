import type { RunbookPage } from "../topology/runbook.ts";
import { runbook } from "../topology/runbook.ts";
import type { Cause } from "./causes.ts";
import type { StatusRow } from "./status-row.ts";

/** An object as `status --json` names it in a cause. */
interface NamedObject {
  readonly cluster: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A cause in the output of `status --json`. */
interface ReportedCause {
  readonly what: string;
  readonly fix: string;
  /** The page of the runbook: its URL, or its path in the package. */
  readonly page?: string;
  /** True if it is somebody else's change, at which an update stops. */
  readonly foreign: boolean;
  readonly objects: readonly NamedObject[];
  /** Replications that are not connected because of it. */
  readonly because: readonly NamedObject[];
}

/** The causes as `status --json` prints them. */
export function reportedCauses(causes: readonly Cause[]): ReportedCause[] {
  return causes.map(({ what, mend, page, foreign, rows, because }) => ({
    ...{ what, fix: mend, ...pageOf(page), foreign },
    objects: rows.map(named),
    because: because.map(named),
  }));
}

function pageOf(page: RunbookPage | undefined): { readonly page?: string } {
  return page === undefined ? {} : { page: runbook(page) };
}

function named({ ref: { cluster, kind, namespace, name } }: StatusRow): NamedObject {
  return { cluster, kind, namespace, name };
}
