import { setTimeout as delay } from "node:timers/promises";
import { callsForStatus, explainLines, placeText } from "../../explain/explain-calls.ts";
import type { Pending } from "../../program/stack-exports.ts";
import { count } from "../../report/words.ts";
import { reportedCauses } from "../../status/cause-report.ts";
import { type Cause, causesOf } from "../../status/causes.ts";
import { notDeclared, statusOf } from "../../status/report.ts";
import { selectedRows } from "../../status/selected-rows.ts";
import type { Observation, StatusRow } from "../../status/status-row.ts";
import { checkFile, loadPlan } from "../../topology/check.ts";
import { shellWord } from "../../topology/objects/kubectl.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { runbook } from "../../topology/runbook.ts";
import { type Selection, selectedIn } from "../../topology/selection/selection.ts";
import { surroundingsOf } from "../../topology/selection/surroundings.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { colours as pc } from "../output/colours.ts";
import { stacksOfTopology } from "../stacks/environment-stacks.ts";
import { ownersOf, owningStacks } from "../stacks/owning-stacks.ts";
import { planWithStacks } from "../stacks/plan-with-stacks.ts";
import { selectedOrThrow } from "../topology/selected.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface StatusOptions extends Selection {
  readonly stack?: string;
  /** Folder of the Pulumi project. Default: the current one. */
  readonly project?: string;
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
  const file = topologyFile(argument, options.stack, options);
  const project = options.project ?? process.cwd();
  const stack = options.stack ?? "dev";
  const known = (plan: Plan) => planWithStacks(plan, file, project, { stack, kubeconfig: options.kubeconfig });
  const plan = known(loadPlan(file).plan);
  const selected = selectedOrThrow(plan, options);
  const sharing = selected.narrowed
    ? ownersOf(selected, owningStacks(plan, file, project)).map(({ name }) => name)
    : stacksOfTopology(file, project);
  const stacks = sharing.length > 0 ? sharing : [stack];
  const place = placeText(argument, options.stack);
  if (!options.watch) return show(plan, await observe(plan, stacks, options), options, place);
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
    if (seen) code = show(watched, seen, options, place);
    // While the file is being edited it may have errors: what was declared before them is watched on.
    const edited = checkFile(file).plan;
    if (edited) watched = known(edited);
    await delay(watchMs, undefined, { signal: interrupted.signal }).catch(() => {});
  }
  return code;
}

async function observe(plan: Plan, stacks: readonly string[], options: StatusOptions): Promise<Observation> {
  const { readDeployed, UnreadableStacks } = await import("../../status/deployed-state.ts");
  const { narrowed, clusters } = selectedIn(plan, options);
  const asked = narrowed ? surroundingsOf(plan, clusters) : plan;
  if (options.live) await needKubeconfig(asked, options.kubeconfig);
  const [deployed, live] = await Promise.all([
    readDeployed(options.project ?? process.cwd(), stacks, plan).catch((error: unknown) => {
      throw error instanceof UnreadableStacks ? new UsageError(error.message) : error;
    }),
    options.live ? observeLive(asked, options) : { live: undefined, caExpiry: new Map<string, Date>() },
  ]);
  return { ...deployed, ...live };
}

async function observeLive(plan: Plan, { kubeconfig, watch }: StatusOptions) {
  const [{ readLive }, { waysToPeers }] = await Promise.all([
    import("../../status/live-objects.ts"),
    import("../live/ways-to-peers.ts"),
  ]);
  // Each look is a connection that a Big Peer refuses and writes into its log: not every other second.
  return readLive(plan, kubeconfig, watch ? () => undefined : await waysToPeers(plan, { kubeconfig }));
}

function show(
  plan: Plan,
  seen: Observation,
  { json, all, project, ...selection }: StatusOptions,
  place: string,
): number {
  const rows = inProject(selectedRows(plan, statusOf(plan, seen), selectedIn(plan, selection)), project);
  const pending = seen.pending ?? [];
  const causes = causesOf(plan, rows);
  const paused = [...plan.replications.values()].flatMap((each) => (each.paused ? [each.name] : []));
  const body = () => (all ? formatStatus(rows, pending) : formatCauses(causes, rows.length, pending));
  const explain = callsForStatus(plan, rows);
  const report = () =>
    JSON.stringify({ version: 1, causes: reportedCauses(causes), rows, pending, paused, explain }, null, 2);
  console.log(json ? report() : [body(), ...pausedLines(paused), ...explainLines(explain, place)].join("\n"));
  return rows.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

/** Commands that run Pulumi name the folder of the project, where that is not the current one. */
function inProject(rows: readonly StatusRow[], project: string | undefined): StatusRow[] {
  const pulumi = project === undefined ? "pulumi " : `pulumi -C ${shellWord(project)} `;
  return rows.map((row) => ({
    ...row,
    problems: row.problems.map((each) => ({ ...each, mend: each.mend.replace(/\bpulumi (?=up\b|stack\b)/g, pulumi) })),
  }));
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
    `${count(rows.length, "object")}, ${wrong === 0 ? "nothing differs" : `${wrong} to fix`}`,
  ].join("\n");
}

const maxNamed = 5;

/** Only what is wrong, by its cause, with what follows from it, the command that mends both, and the page that tells more. */
export function formatCauses(causes: readonly Cause[], objects: number, pending: readonly Pending[] = []): string {
  const lines = causes.filter(({ foreign }) => !foreign).flatMap(formatCause);
  const foreign = causes.filter((cause) => cause.foreign).flatMap(formatCause);
  const others =
    foreign.length === 0
      ? []
      : [
          pc.bold("Changed by others"),
          "An update stops at what others have written, and never overwrites it; `--skip-preview --continue-on-error` repairs everything else. Find out who made the change and why before you run the fix:",
          ...foreign,
        ];
  const wrong = new Set(causes.flatMap(({ rows, because }) => [...rows, ...because])).size;
  const end =
    wrong === 0
      ? "nothing differs"
      : `${wrong} to fix (${count(causes.length, "cause")}); \`--all\` lists every object`;
  return [...lines, ...others, ...pendingLines(pending), `${count(objects, "object")}, ${end}`].join("\n");
}

function formatCause({ what, mend, page, rows: [first, ...others], because }: Cause): string[] {
  if (!first) return [];
  const rest = others.map((row) => `      also ${nameOf(row)}`);
  const more = rest.length > maxNamed ? [`      and ${rest.length - maxNamed} more`] : [];
  return [
    `${pc.red("✗")} ${first.ref.cluster}  ${nameOf(first)} ${what}`,
    ...rest.slice(0, maxNamed),
    ...more,
    ...consequence(because),
    `      ${pc.dim("fix:")} ${mend}`,
    ...(page === undefined ? [] : [`      ${pc.dim("see:")} ${runbook(page)}`]),
  ];
}

function consequence(because: readonly StatusRow[]): string[] {
  const [first] = because;
  if (!first) return [];
  const kinds = [...Map.groupBy(because, ({ ref }) => ref.cluster)].map(
    ([name, group]) => `${group.length} in ${name}`,
  );
  const subject = because.length === 1 ? `${nameOf(first)} is` : `${because.length} replications are`;
  return [`      because of it: ${subject} not connected${kinds.length > 1 ? ` (${kinds.join(", ")})` : ""}`];
}

function pendingLines(pending: readonly Pending[]): string[] {
  const waiting = pending.flatMap(({ what, reason, next, until }) => [
    `${until === undefined ? pc.yellow("pending") : "in progress"}: ${what}: ${reason}`,
    `      ${pc.dim("next:")} ${next}`,
  ]);
  const page = waiting.length === 0 ? [] : [`      ${pc.dim("see:")} ${runbook("update-pending")}`];
  return [...new Set([...waiting, ...page])];
}

/** They are as declared, and yet no documents flow. */
export function pausedLines(paused: readonly string[]): string[] {
  return paused.map(
    (each) => `${pc.yellow("paused")}: ${each}: no documents flow until \`bigpeer resume ${each}\` is deployed`,
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
