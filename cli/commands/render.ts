import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { count } from "../../report/words.ts";
import { checkSource } from "../../topology/check.ts";
import { readSource } from "../../topology/file/source.ts";
import { withExcerpts } from "../../topology/findings/excerpt.ts";
import { TopologyError } from "../../topology/findings/finding.ts";
import { monitoringFolder } from "../../topology/monitoring/monitoring-files.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { objectPath, type RenderInputs, renderFiles } from "../../topology/render/files.ts";
import { type LeftToDo, leftToDo } from "../../topology/render/left-to-do.ts";
import { plainSecretFindings, plainSecrets } from "../../topology/render/plain-secrets.ts";
import { refusals } from "../../topology/render/refusals.ts";
import { compareFolder, type FileState, writeFolder } from "../output/render-folder.ts";
import { type MonitoringOptions, renderMonitoring } from "../output/render-monitoring.ts";
import { readCaFiles } from "../topology/ca-files.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface RenderOptions extends MonitoringOptions {
  readonly stack?: string;
  readonly out: string;
  readonly ca?: readonly string[];
  /** Folder into which the certificates are read from the clusters first. */
  readonly fetchCas?: string;
  readonly kubeconfig?: string;
  readonly allowMissingCa?: boolean;
  readonly allowPlainSecrets?: boolean;
  readonly exposure?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `bigpeer render`: the manifests of each cluster as files, for those who apply with Argo CD or Flux.
 * @returns 1 if something cannot be rendered, is in the way, or (`check`) is not current, else 0 */
export async function renderCommand(argument: string | undefined, options: RenderOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const source = readSource(file);
  const { plan, findings } = checkSource(source);
  if (!plan) throw new TopologyError(findings);
  // Those who deploy with Pulumi want nothing else, and files need not hold what only a deployment knows.
  const alone = options.onlyMonitoring ?? false;
  const certificates = readCaFiles(plan, await caArguments(plan, options));
  const undeployed = options.allowMissingCa ? neverTrusted(plan, options.out) : new Set<string>();
  const refused = [
    ...(alone ? [] : refusals(plan, { certificates, undeployed })),
    ...(alone || options.allowPlainSecrets ? [] : plainSecretFindings(plan)),
  ].map((refusal) => refusal.with({ location: source.locate(refusal.path, "key") }));
  const excerpted = withExcerpts(source, refused);
  if (excerpted.length > 0 && options.json) {
    console.log(
      JSON.stringify(
        { out: options.out, written: false, findings: excerpted, files: [], left: [], secrets: [] },
        null,
        2,
      ),
    );
    return 1;
  }
  if (excerpted.length > 0) throw new TopologyError(excerpted);
  const inputs: RenderInputs = { topology: basename(file), certificates, exposure: exposureOf(options.exposure) };
  const monitoring = renderMonitoring(source, plan, options);
  const files = [...(alone ? [] : renderFiles(plan, inputs)), ...monitoring.files];
  const compared = compareFolder(options.out, files);
  const states = alone ? compared.filter(({ path }) => path.startsWith(`${monitoringFolder}/`)) : compared;
  const foreign = states.some(({ state }) => state === "foreign");
  const { check = false } = options;
  if (!check && !foreign) written(options.out, () => writeFolder(options.out, files, states));
  const left = [...(alone ? [] : leftToDo(plan, inputs)), ...monitoring.left];
  const secrets = (alone ? [] : plainSecrets(plan)).map(({ cluster, object, field }) => ({
    ...{ cluster, object },
    field: field.join("."),
  }));
  const current = states.every(({ state }) => state === "current");
  if (options.json)
    console.log(
      JSON.stringify(
        { out: options.out, written: !check && !foreign, findings: [], files: states, left, secrets },
        null,
        2,
      ),
    );
  else
    console.log(
      [
        summaryText(options.out, states, { check, plan, secrets: secrets.length, left: left.length }),
        ...statesText(states, check),
        ...secretsText(secrets),
        ...left.map(leftText),
      ].join("\n\n"),
    );
  return foreign || (check && !current) ? 1 : 0;
}

async function caArguments(plan: Plan, { ca = [], fetchCas: folder, kubeconfig }: RenderOptions): Promise<string[]> {
  if (folder === undefined) return [...ca];
  // Whoever has the certificates needs no Kubernetes client.
  const { fetchCas } = await import("../live/fetch-cas.ts");
  await fetchCas(plan, folder, kubeconfig);
  return [...ca, folder];
}

function written(folder: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UsageError(`${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Peers in whom the folder holds no trust yet. Of any other a missing certificate is a forgotten one, and would cut it off. */
function neverTrusted(plan: Plan, folder: string): ReadonlySet<string> {
  const trusted = [...plan.peers.values()].flatMap(({ cluster, namespace, trusts }) =>
    trusts
      .filter(({ secret }) => {
        const object = { kind: "Secret", metadata: { namespace, name: secret } };
        return existsSync(join(folder, objectPath(cluster, object)));
      })
      .map(({ peer }) => peer),
  );
  return new Set([...plan.peers.keys()].filter((name) => !trusted.includes(name)));
}

function exposureOf(name = "manifests"): RenderInputs["exposure"] {
  if (name === "manifests" || name === "helm-values") return name;
  throw new UsageError(`there is no exposure ${name}; use manifests or helm-values`);
}

const saidWhenChecked: Readonly<Record<FileState["state"], string>> = {
  current: "current",
  missing: "missing",
  different: "different",
  stale: "no longer part of the topology",
  foreign: "not written by bigpeer, and in the way: move it, or choose another folder",
};

/** A first run writes thousands; a review of a list ends long before. */
const shownFiles = 40;

const saidWhenWritten = {
  ...saidWhenChecked,
  current: "unchanged",
  missing: "new",
  different: "changed",
  stale: "removed",
};

/** First, what has been done and what is left. */
function summaryText(
  out: string,
  states: readonly FileState[],
  { check, plan, secrets, left }: { check: boolean; plan: Plan; secrets: number; left: number },
): string {
  const stopped = states.some(({ state }) => state === "foreign");
  const said = check || stopped ? saidWhenChecked : saidWhenWritten;
  const kinds = [...Map.groupBy(states, ({ state }) => state)].map(
    ([state, { length }]) => `${length} ${state === "foreign" ? "in the way" : said[state]}`,
  );
  const clusters = count(plan.clusters.size, "cluster");
  const isCurrent = states.every(({ state }) => state === "current");
  const outcome = stopped
    ? "nothing was written, because a file that bigpeer did not write is in the way"
    : check
      ? isCurrent
        ? "the folder is current"
        : "the folder is not current; render again and commit it"
      : isCurrent
        ? "every file was up to date already"
        : "next: review and commit the folder";
  return [
    `${out}: ${count(states.length, "file")} for ${clusters} (${kinds.join(", ")}); ${outcome}`,
    ...(secrets === 0 ? [] : [`  ${count(secrets, "value")} in plain text, listed below`]),
    ...(left === 0 ? [] : [`  ${count(left, "step")} left to do by hand, listed below`]),
  ].join("\n");
}

function statesText(states: readonly FileState[], check: boolean): string[] {
  const inTheWay = states.filter(({ state }) => state === "foreign");
  const said = check || inTheWay.length > 0 ? saidWhenChecked : saidWhenWritten;
  const others = [...inTheWay, ...states.filter(({ state }) => state !== "current" && state !== "foreign")];
  const lines = others.slice(0, shownFiles).map(({ path, state }) => `  ${path}: ${said[state]}`);
  if (others.length > shownFiles) lines.push(`  … and ${others.length - shownFiles} more; --json lists them all`);
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function secretsText(secrets: readonly { cluster: string; object: string; field: string }[]): string[] {
  if (secrets.length === 0) return [];
  const lines = secrets.map(({ cluster, object, field }) => `  ${cluster}: ${field} of ${object}`);
  return [
    ["These values are in plain text, so everybody who can read the repository can read them:", ...lines].join("\n"),
  ];
}

function leftText({ what, why, command }: LeftToDo): string {
  return `left to do: ${what}\n  why: ${why}\n  ${command}`;
}
