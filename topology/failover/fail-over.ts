import { checkSource } from "../check.ts";
import { failoverConsequences, movedReplications } from "../diff/failovers.ts";
import { parseTopology } from "../file/schema-findings.ts";
import type { Source } from "../file/source.ts";
import { type Finding, TopologyError } from "../findings/finding.ts";
import { newFindings } from "../findings/new-findings.ts";
import { suggestion } from "../findings/suggest.ts";
import { EditedTopology } from "../migration/document.ts";
import type { Plan } from "../plan/plan.ts";
import { namedPeers } from "../plan/stand-ins.ts";
import { type DocumentsAtRisk, documentsAtRisk } from "./documents-at-risk.ts";

export interface FailedOver {
  /** The new text of each file that changes, by its name; none where nothing had to change. */
  readonly texts: ReadonlyMap<string, string>;
  readonly before: Plan;
  readonly after: Plan;
  /** What changes, one sentence each. */
  readonly changes: readonly string[];
  /** The replications in which the place is taken. */
  readonly replications: readonly string[];
  readonly atRisk: readonly DocumentsAtRisk[];
  /** Findings that the topology did not have before; none of them is an error. */
  readonly warnings: readonly Finding[];
}

/** Says why a failover is not possible, and what to do instead. */
export class FailoverError extends Error {}

/** What a standby lacks: the findings that a topology would have with it in the place of the other peer. Nothing has been changed. */
export class StandbyLacks extends Error {
  readonly findings: readonly Finding[];

  constructor(standby: string, findings: readonly Finding[]) {
    super(`"${standby}" cannot take the place`);
    this.findings = findings;
  }
}

/**
 * The topology with a standby in the place of a peer (`back`: with the peer in its own place again). It is one line of the file, so that
 * going back leaves the file as it was before.
 * @throws TopologyError if the topology has errors already
 * @throws FailoverError if a peer is not there, or nothing links the peer with others
 * @throws StandbyLacks if the topology would have errors then
 */
export function failOver(source: Source, failed: string, standby: string, back = false): FailedOver {
  const { plan: before, findings } = checkSource(source);
  if (!before) throw new TopologyError(findings);
  const { topology } = parseTopology(source);
  const known = Object.keys(topology?.peers ?? {});
  for (const peer of [failed, standby])
    if (!known.includes(peer))
      throw new FailoverError(`the topology has no peer "${peer}"; ${suggestion(peer, known, "peer")}`);
  if (failed === standby) throw new FailoverError("a peer cannot stand in for itself; name another one");
  const current = before.failover.get(failed);
  const nothing = { texts: new Map(), before, after: before, changes: [], replications: [], atRisk: [], warnings: [] };
  if (back && current === undefined) return nothing;
  if (back && current !== standby)
    throw new FailoverError(`"${current}" stands in for "${failed}", and not "${standby}"; name that one`);
  if (!back && current === standby) return nothing;
  if (!back && current !== undefined)
    throw new FailoverError(
      `"${current}" stands in for "${failed}" already; go back first: bigpeer failover ${failed} ${current} --back`,
    );
  if (!back && !Object.values(topology?.replications ?? {}).some((entry) => namedPeers(entry).includes(failed)))
    throw new FailoverError(`no replication links "${failed}" with another peer, so there is no place to take`);
  const texts = editedTexts(source, failed, back ? undefined : standby);
  const judged = checkSource(source.withTexts(texts));
  if (!judged.plan) {
    const errors = judged.findings.filter(({ severity }) => severity === "error");
    throw new StandbyLacks(back ? failed : standby, errors);
  }
  const after = judged.plan;
  const [from, to] = back ? [standby, failed] : [failed, standby];
  return {
    texts,
    before,
    after,
    changes: failoverConsequences(before, after),
    replications: movedReplications(before, after, to).map(({ name }) => name),
    atRisk: documentsAtRisk(before, from, to),
    warnings: newFindings(findings, judged.findings).filter(({ rule }) => rule !== "failed-over"),
  };
}

/** Writes the line into the file that has `failover` already, else into the topology itself; undefined takes it out. */
function editedTexts(source: Source, failed: string, standby: string | undefined): ReadonlyMap<string, string> {
  const holder = source.holder(["failover"]);
  const written = holder ?? source.parts[0];
  if (!written) throw new FailoverError(`${source.file} cannot be edited`);
  const file = new EditedTopology(written.text);
  if (standby === undefined) file.removeSetting("failover", failed);
  else file.addSetting("failover", failed, standby);
  return new Map([[written.file, file.text()]]);
}
