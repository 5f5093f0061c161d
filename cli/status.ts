import { setTimeout as delay } from "node:timers/promises";
import pc from "picocolors";
import type { Observation, StatusRow } from "../status/report.ts";
import { statusOf } from "../status/report.ts";
import { loadPlan } from "../topology/check.ts";
import type { Plan } from "../topology/plan.ts";
import { stacksOfTopology } from "./environment-stacks.ts";
import { topologyFile } from "./topology-file.ts";

interface StatusOptions {
  readonly stack?: string;
  readonly live?: boolean;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly kubeconfig?: string;
}

const watchMs = 2_000;

/** `bigpeer status`: declared, deployed and live. @returns 1 if something differs or is down, else 0 */
export async function statusCommand(argument: string | undefined, options: StatusOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { plan } = loadPlan(file);
  const sharing = stacksOfTopology(file, process.cwd());
  const stacks = sharing.length > 0 ? sharing : [options.stack ?? "dev"];
  if (!options.watch) return show(plan, await observe(plan, stacks, options), options);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  let code = 0;
  while (!interrupted.signal.aborted) {
    const seen = await observe(plan, stacks, options);
    if (!options.json) console.clear();
    code = show(plan, seen, options);
    await delay(watchMs, undefined, { signal: interrupted.signal }).catch(() => {});
  }
  return code;
}

async function observe(plan: Plan, stacks: readonly string[], options: StatusOptions): Promise<Observation> {
  const { readDeployed } = await import("../status/deployed-state.ts");
  const [deployed, live] = await Promise.all([
    readDeployed(process.cwd(), stacks),
    options.live
      ? import("../status/live-objects.ts").then(({ readLive }) => readLive(plan, options.kubeconfig))
      : { live: undefined, caExpiry: new Map<string, Date>() },
  ]);
  return { ...deployed, ...live };
}

function show(plan: Plan, seen: Observation, { json }: StatusOptions): number {
  const rows = statusOf(plan, seen);
  console.log(json ? JSON.stringify(rows, null, 2) : formatStatus(rows));
  return rows.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

/** A line for each object, and under it what is wrong and the command that mends it. */
export function formatStatus(rows: readonly StatusRow[]): string {
  const names = rows.map(
    ({ ref }) => `${ref.kind}${ref.role === "patch" ? " (our fields)" : ""} ${ref.namespace}/${ref.name}`,
  );
  const width = Math.max(0, ...names.map((name) => name.length));
  const clusterWidth = Math.max(0, ...rows.map(({ ref }) => ref.cluster.length));
  const lines = rows.flatMap((row, index) => {
    const sign = row.problems.length === 0 ? pc.green("✓") : pc.red("✗");
    const cells = [
      `deployed: ${row.deployed}${row.changed === undefined ? "" : ` (${row.changed.toISOString().slice(0, 19)}Z)`}`,
      row.live === undefined ? "" : `live: ${row.live}`,
      row.ready === undefined ? "" : row.ready.holds ? "ready" : "not ready",
      row.connected === undefined ? "" : row.connected.holds ? "connected" : "not connected",
      since(row),
      row.caExpires === undefined ? "" : `CA until ${row.caExpires.toISOString().slice(0, 10)}`,
    ].filter((cell) => cell !== "");
    const head = `${sign} ${row.ref.cluster.padEnd(clusterWidth)}  ${names[index]?.padEnd(width)}  ${cells.join(", ")}`;
    return [head, ...row.problems.flatMap(({ what, mend }) => [`    ${what}`, `    ${pc.dim("mend:")} ${mend}`])];
  });
  const wrong = rows.filter(({ problems }) => problems.length > 0).length;
  return [
    ...lines,
    `${rows.length} objects, ${wrong === 0 ? "nothing differs" : `${wrong} with something to mend`}`,
  ].join("\n");
}

function since({ ready, connected }: StatusRow): string {
  const times = [ready?.since, connected?.since].flatMap((time) => (time === undefined ? [] : [time.getTime()]));
  return times.length === 0 ? "" : `since ${new Date(Math.max(...times)).toISOString().slice(0, 19)}Z`;
}
