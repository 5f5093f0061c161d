import { setTimeout as delay } from "node:timers/promises";
import { VersionApi } from "@kubernetes/client-node";
import { descendantsOf } from "../../lab/process-identity.ts";
import { liveConditions } from "../../status/live-conditions.ts";
import { planText } from "../../topology/check.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { verify } from "../../verify/run.ts";
import { allHabits, Deployment } from "../support/deployment.ts";
import { watchMemory } from "./memory.ts";
import { type Size, topologyOf } from "./topology.ts";

/** One step of the load, and what it took. */
export interface Measured {
  readonly step: string;
  readonly seconds: number;
  /** Of the engine with all that it starts: the program, the providers. MiB. */
  readonly engineMiB: number;
  /** Of all API servers and their etcds. MiB. */
  readonly clustersMiB: number;
  /** Of the one process of all stand-ins: operators, Big Peers, ingress controllers. MiB. */
  readonly standInsMiB: number;
  readonly note: string;
}

export interface LoadOptions {
  readonly size: Size;
  /** Whether the engine writes the state only at the end of an operation. With a file as its backend it writes all of it after each resource. */
  readonly skipCheckpoints?: boolean | undefined;
  readonly signal?: AbortSignal;
  readonly onStep?: (measured: Measured) => void;
}

const connectedDeadlineMs = 300_000;
const pollMs = 500;

/** Deploys a large topology, previews it unchanged, changes one query, and destroys it.
 * @throws Error if a step fails, something changes that should not, or a part of the lab is not healthy after a step */
export async function load({ size, skipCheckpoints = false, signal, onStep }: LoadOptions): Promise<Measured[]> {
  const text = topologyOf(size);
  const { plan } = planText(text);
  const deployment = await Deployment.start(text, undefined, undefined, allHabits);
  if (skipCheckpoints)
    Object.assign(deployment.engine.env, { PULUMI_SKIP_CHECKPOINTS: "true", PULUMI_EXPERIMENTAL: "true" });
  const interrupt = () => void deployment.engine.interrupt();
  signal?.addEventListener("abort", interrupt);
  const results: Measured[] = [];
  const measure = async (step: string, work: () => Promise<string>) => {
    signal?.throwIfAborted();
    const stop = watchAll(deployment);
    const began = performance.now();
    let note = "";
    try {
      note = await work();
    } finally {
      const measured = { step, seconds: (performance.now() - began) / 1000, ...stop(), note };
      if (note !== "") results.push(measured);
      if (note !== "") onStep?.(measured);
    }
    await healthy(deployment, plan);
  };
  try {
    await measure("up of everything", async () => `${resources(await deployment.up())} resources`);
    await measure("until everything is connected", () => connected(deployment, plan));
    await measure("verify of all replications", () => verified(deployment, plan));
    await measure("preview without a change", async () => {
      const changes = await deployment.changes();
      if (changes.length > 0) throw new Error(`a preview without a change wants to: ${changes.join(", ")}`);
      return "no change";
    });
    deployment.write(topologyOf(size, true));
    await measure("up of one narrowed query", async () => updates(await deployment.up()));
    await measure("destroy", async () => {
      const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "destroy");
      if (exitCode !== 0) throw new Error(`pulumi destroy:\n${stdout}${stderr}`);
      for (const { context } of plan.clusters.values())
        for (const plural of ["bigpeers", "bigpeerapps", "bigpeerreplications"]) {
          const left = await deployment.names(context, plural);
          if (left.length > 0) throw new Error(`destroy left ${plural} in ${context}: ${left.join(", ")}`);
        }
      return "nothing left";
    });
    return results;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    await deployment.stop();
  }
}

function watchAll({ lab: { description } }: Deployment) {
  const supervisor = description.supervisor.pid;
  const clusters = description.clusters.flatMap(({ processes }) => Object.values(processes).map(({ pid }) => pid));
  const engine = () => {
    const ofLab = new Set([supervisor, ...descendantsOf(supervisor).map(({ pid }) => pid)]);
    return descendantsOf(process.pid).flatMap(({ pid }) => (ofLab.has(pid) ? [] : [pid]));
  };
  const [stopEngine, stopClusters, stopStandIns] = [engine, () => clusters, () => [supervisor]].map(watchMemory);
  return () => ({
    engineMiB: stopEngine?.() ?? 0,
    clustersMiB: stopClusters?.() ?? 0,
    standInsMiB: stopStandIns?.() ?? 0,
  });
}

/** Every API server answers. That the operators work is seen by what they bring about. */
async function healthy(deployment: Deployment, plan: Plan): Promise<void> {
  await Promise.all(
    [...plan.clusters.values()].map(({ context }) =>
      deployment.kubeConfig(context).makeApiClient(VersionApi).getCode(),
    ),
  );
}

/** The operators have seen every Big Peer ready and both sides of every replication connected. */
async function connected(deployment: Deployment, plan: Plan): Promise<string> {
  const deadline = Date.now() + connectedDeadlineMs;
  for (;;) {
    const found = await Promise.all(
      [...plan.clusters.values()].map(async ({ context }) => {
        const peers = await deployment.objects(context, "bigpeers");
        const sides = await deployment.objects(context, "bigpeerreplications");
        const { readyCondition } = plan.operator;
        const ready = peers.filter((each) => liveConditions(each, readyCondition).ready?.holds).length;
        const up = sides.filter((each) => liveConditions(each, readyCondition).connected?.holds).length;
        return { missing: peers.length - ready + (sides.length - up), ready, up };
      }),
    );
    const sum = (key: "missing" | "ready" | "up") => found.reduce((total, each) => total + each[key], 0);
    if (sum("missing") === 0) return `${sum("ready")} Big Peers ready, ${sum("up")} sides connected`;
    if (Date.now() > deadline)
      throw new Error(`${sum("missing")} Big Peers and sides are not ready or connected in time`);
    await delay(pollMs);
  }
}

async function verified(deployment: Deployment, plan: Plan): Promise<string> {
  const { results, leftovers } = await verify({
    plan,
    access: { kubeconfig: deployment.lab.kubeconfig, reach: "cluster-ip", apis: {}, managementApis: {} },
    deadlineMs: 60_000,
  });
  const failed = results
    .filter(({ passed }) => !passed)
    .map(({ probe, message }) => `${probe.replication}: ${message}`);
  if (failed.length + leftovers.length > 0) throw new Error([...failed, ...leftovers].join("\n"));
  return `${results.length} probes passed`;
}

function resources(printed: string): string {
  return /\+ (\d+) created/.exec(printed)?.[1] ?? "?";
}

function updates(printed: string): string {
  return `${/~ (\d+) updated/.exec(printed)?.[1] ?? "no"} resources updated`;
}
