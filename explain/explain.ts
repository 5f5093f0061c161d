import type { Plan } from "../topology/plan/plan.ts";
import type { Access } from "../verify/access.ts";
import { type VerifyReport, verify } from "../verify/run.ts";
import { verdictsOn } from "./explain-link.ts";
import { documentLayer } from "./layers/document.ts";
import { type ExplainedLink, planOfLink } from "./link.ts";
import type { Sample } from "./link-seen.ts";
import { readLink } from "./read-link.ts";
import { type Direction, firstBroken, type Verdict } from "./verdict.ts";

export interface ExplainOptions {
  readonly plan: Plan;
  readonly links: readonly ExplainedLink[];
  readonly access: Access;
  /** The image of short-lived pods that look from inside; undefined: only what is seen from here. */
  readonly pods: string | undefined;
  /** A document that somebody misses. */
  readonly sample: Sample | undefined;
  /** Writes a document and looks whether it arrives, where no layer before is broken. */
  readonly probe: boolean;
  /** The time that the document may take, in milliseconds. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface LinkReport {
  readonly replication: string;
  readonly initiator: string;
  readonly target: string;
  /** The `host:port` that the initiator dials; undefined: not known. */
  readonly address: string | undefined;
  readonly directions: readonly Direction[];
  readonly layers: readonly Verdict[];
  /** The layer to mend; undefined if none is known to be broken. */
  readonly broken: Verdict | undefined;
}

/** Links that are looked at at once: each asks two API servers. */
const atOnce = 8;

/** Looks at links layer by layer, in their order. */
export async function explain(options: ExplainOptions): Promise<LinkReport[]> {
  const reports: LinkReport[] = [];
  for (let done = 0; done < options.links.length; done += atOnce) {
    options.signal?.throwIfAborted();
    const group = options.links.slice(done, done + atOnce);
    reports.push(...(await Promise.all(group.map((link) => explainLink(link, options)))));
  }
  return reports;
}

async function explainLink(link: ExplainedLink, options: ExplainOptions): Promise<LinkReport> {
  const { plan, access, pods, signal, sample } = options;
  const clusterIp = access.reach === "cluster-ip";
  const seen = await readLink(plan, link, { kubeconfig: access.kubeconfig, clusterIp, pods, signal });
  const verdicts = verdictsOn(plan, link, seen, sample);
  const layers = [...verdicts, ...(await documents(link, verdicts, options))];
  return {
    replication: link.replication.name,
    initiator: link.initiator.peer,
    target: link.target.peer,
    address: seen.address,
    directions: link.directions,
    layers,
    broken: firstBroken(layers),
  };
}

async function documents(
  link: ExplainedLink,
  verdicts: readonly Verdict[],
  { plan, access, sample, probe, deadlineMs, signal }: ExplainOptions,
): Promise<Verdict[]> {
  const causes = verdicts.filter(({ state, symptom }) => state === "broken" && symptom === undefined);
  const causeOf = (direction: Direction) =>
    causes.find((each) => each.direction === undefined || each.direction.to === direction.to);
  const open = probe ? link.directions.filter((direction) => causeOf(direction) === undefined) : [];
  const report = open.length === 0 ? undefined : await sendDocuments();
  return link.directions.map((direction): Verdict => {
    if (report && open.includes(direction)) return documentLayer(report.results, direction, report.leftovers);
    const cause = causeOf(direction);
    const what = cause ? `no document was sent, since ${cause.layer} is broken` : "no document was sent, as asked for";
    return { layer: "document", state: "not tried", what, direction };
  });

  function sendDocuments(): Promise<VerifyReport> {
    const own = planOfLink(plan, link);
    const { replication } = link;
    const given = sample && { [sample.collection]: sample.document };
    const probed = {
      ...replication,
      ...own.replications.get(replication.name),
      probe: { ...replication.probe, ...given },
    };
    return verify({
      plan: { ...own, replications: new Map([[replication.name, probed]]) },
      access,
      deadlineMs,
      trust: false,
      only: (each) =>
        each.expected === "arrives" &&
        open.some(({ from, to }) => each.from === from && each.to === to) &&
        (sample === undefined || each.collection === sample.collection),
      signal,
    });
  }
}
