import { setTimeout as delay } from "node:timers/promises";
import type { Pending } from "../../program/stack-exports.ts";
import { type Cause, causesOf } from "../../status/causes.ts";
import { notDeclared, statusOf } from "../../status/report.ts";
import type { Observation, StatusRow } from "../../status/status-row.ts";
import { checkFile, loadPlan } from "../../topology/check.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { colours as pc } from "../output/colours.ts";
import { stacksOfTopology } from "../stacks/environment-stacks.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface StatusOptions {
  readonly stack?: string;
  readonly live?: boolean;
  readonly json?: boolean;
  readonly watch?: boolean;
  /** Every object, also those with which nothing is wrong. */
  readonly all?: boolean;
  readonly kubeconfig?: string;
}

const watchMs = 2_000;

/** `bigpeer status`: declared, deployed and live.
 * @returns 1 if something differs or is down, else 0
 * @throws UsageError if nothing can be known of what is deployed, or of what is live */
export async function statusCommand(argument: string | undefined, options: StatusOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const { plan } = loadPlan(file);
  const sharing = stacksOfTopology(file, process.cwd());
  const stacks = sharing.length > 0 ? sharing : [options.stack ?? "dev"];
  if (!options.watch) return show(plan, await observe(plan, stacks, options), options);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  let code = 0;
  let watched = plan;
  for (let look = 1; !interrupted.signal.aborted; look++) {
    const seen = await observe(watched, stacks, options).catch((error: unknown) => {
      // The backend or the cluster may be back at the next look.
      if (look === 1 || !(error instanceof UsageError)) throw error;
      console.error(`error: ${error.message}`);
      return undefined;
    });
    if (seen && !options.json) console.clear();
    if (seen) code = show(watched, seen, options);
    // While the file is being edited it may have errors: what was declared before them is watched on.
    watched = checkFile(file).plan ?? watched;
    await delay(watchMs, undefined, { signal: interrupted.signal }).catch(() => {});
  }
  return code;
}

async function observe(plan: Plan, stacks: readonly string[], options: StatusOptions): Promise<Observation> {
  const { readDeployed, UnreadableStacks } = await import("../../status/deployed-state.ts");
  if (options.live) await needKubeconfig(plan, options.kubeconfig);
  const [deployed, live] = await Promise.all([
    readDeployed(process.cwd(), stacks, plan).catch((error: unknown) => {
      throw error instanceof UnreadableStacks ? new UsageError(error.message) : error;
    }),
    options.live ? observeLive(plan, options) : { live: undefined, caExpiry: new Map<string, Date>() },
  ]);
  return { ...deployed, ...live, stack: stacks.length === 1 ? stacks[0] : undefined };
}

async function observeLive(plan: Plan, { kubeconfig, watch }: StatusOptions) {
  const [{ readLive }, { waysToPeers }] = await Promise.all([
    import("../../status/live-objects.ts"),
    import("../live/ways-to-peers.ts"),
  ]);
  // Each look is a connection that a Big Peer refuses and writes into its log: not every other second.
  return readLive(plan, kubeconfig, watch ? () => undefined : await waysToPeers(plan, { kubeconfig }));
}

function show(plan: Plan, seen: Observation, { json, all }: StatusOptions): number {
  const rows = statusOf(plan, seen);
  const pending = seen.pending ?? [];
  const paused = [...plan.replications.values()].flatMap((each) => (each.paused ? [each.name] : []));
  const text = () => [body(), ...pausedLines(paused)].join("\n");
  const body = () => (all ? formatStatus(rows, pending) : formatCauses(causesOf(plan, rows), rows.length, pending));
  console.log(json ? JSON.stringify({ version: 1, rows, pending, paused }, null, 2) : text());
  return rows.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

/** A heading for each entry of the topology, a line for each of its objects, and what is wrong with the command that mends it. */
export function formatStatus(rows: readonly StatusRow[], pending: readonly Pending[] = []): string {
  const width = Math.max(0, ...rows.map((row) => nameOf(row).length));
  const clusterWidth = Math.max(0, ...rows.map(({ ref }) => ref.cluster.length));
  const groups = [...Map.groupBy(rows, ({ source }) => source)].sort(([a], [b]) => sectionOf(a) - sectionOf(b));
  const lines = groups.flatMap(([source, group]) => [
    pc.bold(source),
    ...group.flatMap((row) => {
      const sign = row.problems.length === 0 ? pc.green("✓") : pc.red("✗");
      const head = `  ${sign} ${row.ref.cluster.padEnd(clusterWidth)}  ${nameOf(row).padEnd(width)}  ${cellsOf(row).join(", ")}`;
      return [head, ...row.problems.flatMap(({ what, mend }) => [`      ${what}`, `      ${pc.dim("fix:")} ${mend}`])];
    }),
  ]);
  const wrong = rows.filter(({ problems }) => problems.length > 0).length;
  return [
    ...lines,
    ...pendingLines(pending),
    `${rows.length} objects, ${wrong === 0 ? "nothing differs" : `${wrong} with something to fix`}`,
  ].join("\n");
}

const maxNamed = 5;

/** Only what is wrong, by its cause, with what follows from it and the command that mends both. */
export function formatCauses(causes: readonly Cause[], objects: number, pending: readonly Pending[] = []): string {
  const lines = causes.flatMap(({ what, mend, rows: [first, ...others], because }) => {
    if (!first) return [];
    const cluster = `${first.ref.cluster}  `;
    const rest = others.map((row) => `      also ${nameOf(row)}`);
    const more = rest.length > maxNamed ? [`      and ${rest.length - maxNamed} more`] : [];
    const kinds = [...Map.groupBy(because, ({ ref }) => ref.cluster)].map(
      ([name, group]) => `${group.length} in ${name}`,
    );
    const consequence =
      because.length === 0
        ? []
        : [
            `      because of it: ${because.length === 1 ? `${nameOf(because[0] ?? first)} is` : `${because.length} replications are`} not connected${kinds.length > 1 ? ` (${kinds.join(", ")})` : ""}`,
          ];
    return [
      `${pc.red("✗")} ${cluster}${nameOf(first)} ${what}`,
      ...rest.slice(0, maxNamed),
      ...more,
      ...consequence,
      `      ${pc.dim("fix:")} ${mend}`,
    ];
  });
  const foreign = causes.filter(({ rows }) => rows.some(({ problems }) => problems.some((each) => each.foreign)));
  const note =
    foreign.length === 0
      ? []
      : [
          "An update cannot overwrite what others have written; `--continue-on-error` repairs the rest in the meantime.",
        ];
  const wrong = new Set(causes.flatMap(({ rows, because }) => [...rows, ...because])).size;
  const end =
    wrong === 0
      ? "nothing differs"
      : `${wrong} with something to fix, by ${causes.length} cause${causes.length === 1 ? "" : "s"}; \`--all\` lists every object`;
  return [...lines, ...note, ...pendingLines(pending), `${objects} objects, ${end}`].join("\n");
}

function pendingLines(pending: readonly Pending[]): string[] {
  const waiting = pending.flatMap(({ what, reason, next, until }) => [
    `${until === undefined ? pc.yellow("pending") : "in progress"}: ${what}: ${reason}`,
    `      ${pc.dim("next:")} ${next}`,
  ]);
  return [...new Set(waiting)];
}

/** They are as declared, and yet no documents flow. */
export function pausedLines(paused: readonly string[]): string[] {
  return paused.map(
    (each) => `${pc.yellow("paused")}: ${each}: no documents flow; \`bigpeer resume ${each}\` ends that`,
  );
}

function sectionOf(source: string): number {
  const at = ["peers", "apps", "replications"].indexOf(source.split(".")[0] ?? "");
  return at < 0 ? 3 : at;
}

function nameOf({ ref, exposure }: StatusRow): string {
  if (exposure) return `exposure of ${exposure.peer}, port ${exposure.port} of ${ref.namespace}/${ref.name}`;
  return `${ref.kind}${ref.role === "patch" ? " (our fields)" : ""} ${ref.namespace}/${ref.name}`;
}

function cellsOf(row: StatusRow): string[] {
  return [
    row.source === notDeclared ? "declared: no" : "declared: yes",
    `deployed: ${row.deployed}${row.changed === undefined ? "" : ` (${row.changed.toISOString().slice(0, 19)}Z)`}`,
    row.live === undefined ? "" : `live: ${row.live}`,
    row.ready === undefined ? "" : row.ready.holds ? "ready" : "not ready",
    row.connected === undefined ? "" : row.connected.holds ? "connected" : "not connected",
    row.paused ? "paused" : "",
    since(row),
    row.caExpires === undefined ? "" : `CA until ${row.caExpires.toISOString().slice(0, 10)}`,
  ].filter((cell) => cell !== "");
}

function since({ ready, connected }: StatusRow): string {
  const times = [ready?.since, connected?.since].flatMap((time) => (time === undefined ? [] : [time.getTime()]));
  return times.length === 0 ? "" : `since ${new Date(Math.max(...times)).toISOString().slice(0, 19)}Z`;
}
