/** Rounds of verify as a watch sees them, without a cluster. */
import { planText } from "../../topology/check.ts";
import { planProbes } from "../../verify/probes.ts";
import type { ProbeResult } from "../../verify/run.ts";
import type { Round } from "../../watch/round.ts";

export const { plan } = planText(`
clusters: { east: { ingress: { host: east.example.com } }, west: { ingress: { host: west.example.com } } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications:
  blue: { app: cars, between: [bp1, bp2], queries: { cars: "color = 'blue'" } }
  red: { app: cars, from: bp1, to: bp2, queries: { cars: "color = 'red'" } }
`);

type Outcome = Partial<Pick<ProbeResult, "passed" | "arrived" | "milliseconds">>;

/** A round in which every probe passes in 100 ms, but for what is said of one. */
export function round(
  outcome: (probe: ProbeResult["probe"]) => Outcome = () => ({}),
  change: Partial<Omit<Round, "report">> & { readonly report?: Partial<Round["report"]> } = {},
): Round {
  const results = planProbes(plan).map(
    (probe): ProbeResult => ({ probe, passed: true, milliseconds: 100, message: "arrived", ...outcome(probe) }),
  );
  const passed = results.every((each) => each.passed);
  const { report, ...rest } = change;
  return {
    ended: new Date("2026-11-26T12:00:00Z"),
    seconds: 1.5,
    peers: [...plan.peers.keys()],
    objects: [...plan.clusters.keys()].map((cluster) => ({ cluster, drifted: 0, unreadable: 0 })),
    pending: undefined,
    left: [],
    report: { passed, results, leftovers: [], trust: [], notCompared: [], authorities: [], ...report },
    ...rest,
  };
}
