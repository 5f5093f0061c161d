import { pageAddress } from "./pages.ts";

/** The pages for whoever is on call, one for each symptom; each is docs/runbook/<name>.md. */
export const runbookPages = [
  "cluster-unreachable",
  "credential-refused",
  "operator-missing",
  "object-missing",
  "object-changed",
  "port-taken",
  "peer-not-ready",
  "replication-not-connected",
  "ca-not-trusted",
  "ca-expires",
  "documents-do-not-arrive",
  "documents-arrive-undeclared",
  "verify-does-not-run",
  "update-pending",
  "stack-locked",
  "stack-unreadable",
] as const;

export type RunbookPage = (typeof runbookPages)[number];

/** A page of the runbook as a message names it. */
export function runbook(page: RunbookPage): string {
  return pageAddress(`docs/runbook/${page}.md`);
}
