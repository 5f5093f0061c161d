import { writeFileSync } from "node:fs";
import { loadPlan } from "../../topology/check.ts";
import { standardInput } from "../../topology/expand/files.ts";
import { topologySchema } from "../../topology/file/schema.ts";
import { parseSource, readSource } from "../../topology/file/source.ts";
import { formatFinding, formatPath } from "../../topology/findings/finding.ts";
import { type Migration, MigrationError, migrate } from "../../topology/migration/migrate.ts";
import { copiesOf, type MigrationStep } from "../../topology/migration/steps.ts";
import { secretsOfTopology } from "../../topology/secrets/topology.ts";
import { type ComparedCollection, compareDocuments } from "../../verify/compare.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { type PeerAccessOptions, peerAccess } from "../live/peer-access.ts";
import { colours as pc } from "../output/colours.ts";
import { assertWritable, topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface MigrateOptions extends PeerAccessOptions {
  readonly stack?: string;
  readonly cluster?: string;
  readonly collection?: readonly string[];
  readonly write?: boolean;
  readonly compare?: boolean;
  readonly json?: boolean;
}

/** `bigpeer migrate`: the next step of moving documents from one peer to another, or how far they have come.
 * @returns 1 if documents are missing, else 0 */
export async function migrateCommand(
  from: string,
  to: string,
  argument: string | undefined,
  options: MigrateOptions,
): Promise<number> {
  const file = topologyFile(argument, options.stack);
  if (options.compare) return compareCommand(from, to, file, options);
  if (options.write) assertWritable(file, "--write");
  const made = nextStep(from, to, file, options);
  const next = whatNext(made.step, from, to, file === standardInput ? "<file>" : file);
  const withheld = [...secretsOfTopology(parseSource(file, made.text).value)].map(({ path }) => formatPath(path));
  if (withheld.length > 0 && !options.write)
    throw new UsageError(
      `${file} contains a secret in plain text (${withheld.join(", ")}), and a log may keep what is printed: use --write, which changes the file and prints no topology`,
    );
  if (options.write) writeFileSync(file, made.text);
  const told = [...made.changes, ...made.warnings.map((finding) => formatFinding(finding))].map((text) =>
    text.replace(/^/gm, "  "),
  );
  const explained = [`${pc.bold(made.step)}: ${summaries[made.step]}`, ...told, ...next.map((line) => `next: ${line}`)];
  if (options.json) {
    const { step, changes, text: topology } = made;
    const warnings = made.warnings.map(({ rule, what, fix }) => ({ rule, what, fix }));
    const report = { version: 1, step, changes, warnings, next };
    console.log(JSON.stringify(withheld.length > 0 ? report : { ...report, topology }, null, 2));
  } else if (options.write) console.log(explained.join("\n"));
  else {
    // The topology alone goes where it can be piped to.
    console.error(explained.join("\n"));
    process.stdout.write(made.text);
  }
  return 0;
}

function nextStep(from: string, to: string, file: string, { cluster, collection }: MigrateOptions): Migration {
  try {
    return migrate(readSource(file), { from, to, cluster, collections: collection });
  } catch (error) {
    throw error instanceof MigrationError ? new UsageError(error.message) : error;
  }
}

const summaries: Readonly<Record<MigrationStep, string>> = {
  copy: "the new peer is declared, and everything flows to it",
  repoint: "the new peer takes the old one's place in every replication",
  confirm: "the old peer may be deleted",
  remove: "the old peer is deleted, with its documents",
  tidy: "the confirmation is removed",
  done: "the old peer is gone; there is nothing left to do",
};

function whatNext(step: MigrationStep, from: string, to: string, file: string): string[] {
  const deploy = "deploy it (pulumi up, or npx bigpeer deploy), then check that documents flow: npx bigpeer verify";
  const compare = `wait until all documents have arrived: npx bigpeer migrate ${from} ${to} ${file} --compare`;
  const again = `npx bigpeer migrate ${from} ${to} ${file} --write`;
  switch (step) {
    case "copy":
      return [deploy, compare, again];
    case "repoint":
      return [deploy, `move clients that use ${from}'s address to ${to}'s`, compare, again];
    case "confirm":
      return ["deploy it (pulumi up); this only removes the protection", compare, again];
    case "remove":
      return [compare, `deploy it (pulumi up): ${from} is deleted`, again];
    case "tidy":
      return ["deploy it with the next change; nothing in a cluster depends on it"];
    case "done":
      return [];
  }
}

async function compareCommand(from: string, to: string, file: string, options: MigrateOptions): Promise<number> {
  const { plan } = loadPlan(file);
  const topology = topologySchema.parse(readSource(file).value);
  const collections = copiesOf(topology, from, to).flatMap(([, { app, queries }]) =>
    Object.keys(queries ?? {}).map((collection) => ({ app, collection })),
  );
  if (collections.length === 0)
    throw new UsageError(
      `nothing carries all documents of ${from} to ${to} yet; start with npx bigpeer migrate ${from} ${to}`,
    );
  const access = peerAccess(options);
  await needKubeconfig(plan, options.kubeconfig);
  const compared = await compareDocuments({ plan, access, from, to, collections }).catch((error: unknown) => {
    throw new UsageError(`the documents cannot be compared: ${error instanceof Error ? error.message : String(error)}`);
  });
  const missing = compared.some((each) => each.missing.length + each.differing.length > 0);
  if (options.json) console.log(JSON.stringify({ version: 1, from, to, collections: compared }, null, 2));
  else console.log(compared.map((each) => formatCompared(each, from, to)).join("\n"));
  return missing ? 1 : 0;
}

function formatCompared(
  { app, collection, counts, missing, differing }: ComparedCollection,
  from: string,
  to: string,
): string {
  const state = missing.length + differing.length === 0 ? pc.green("all there") : pc.red("not all there");
  const some = (what: string, ids: readonly string[]) =>
    ids.length === 0 ? "" : `, ${ids.length} ${what} (${ids.slice(0, 3).join(", ")}${ids.length > 3 ? ", …" : ""})`;
  return `${state}  ${app}: ${collection}  ${from} ${counts.from}, ${to} ${counts.to}${some("missing", missing)}${some("differing", differing)}`;
}
