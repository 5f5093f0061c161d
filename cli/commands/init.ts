import { mkdirSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { type InitAnswers, type InitialForge, type InitialWay, initialAnswers, stacksOf } from "../../init/answers.ts";
import { clusterNames } from "../../init/cluster-names.ts";
import { type ExistingProject, existingProject, filesBeside } from "../../init/existing-project.ts";
import { type ProjectFile, projectFiles } from "../../init/project-files.ts";
import {
  type Ask,
  type Asked,
  askFor,
  defaultAnswers,
  isComplete,
  isLabel,
  type KnownContexts,
  lackingDomain,
} from "../../init/questions.ts";
import { workflowFiles } from "../../init/workflow-files.ts";
import { writeMissing } from "../../init/write-files.ts";
import { loadKubeConfig } from "../../kubernetes/kubeconfig.ts";
import { colours as pc } from "../output/colours.ts";
import { packageFolder } from "../project/package-folder.ts";
import { projectVersions } from "../project/project-versions.ts";
import { UsageError } from "../usage-error.ts";

export interface InitOptions {
  readonly context?: readonly string[];
  readonly namespace?: string;
  readonly expose?: InitialWay;
  readonly domain?: string;
  readonly environment: string;
  readonly stackPerCluster?: boolean;
  readonly name?: string;
  readonly bigPeerVersion: string;
  readonly ci?: InitialForge;
  readonly kubeconfig?: string;
  readonly yes?: boolean;
}

/** `bigpeer init`: writes the files of a project that are not there yet.
 * @returns 0
 * @throws UsageError if an option cannot be used, or if there is nobody to ask; nothing is written then */
export async function init(folder: string | undefined, options: InitOptions): Promise<number> {
  const directory = resolve(folder ?? ".");
  const known = knownContexts(options.kubeconfig);
  const asked = await answersTo(options, known);
  const answers: InitAnswers = {
    project: options.name ?? projectName(basename(directory)),
    description: initialAnswers.description,
    environment: options.environment,
    clusters: clusterNames(asked.contexts),
    namespace: asked.namespace,
    way: asked.way,
    domain: asked.domain,
    bigPeerVersion: options.bigPeerVersion,
    stackPerCluster: options.stackPerCluster === true,
    forge: options.ci,
  };
  const project = existingProject(directory);
  const files = [
    ...filesBeside(project, projectFiles(answers, projectVersions())),
    ...(answers.forge ? workflowFiles(answers.forge, answers.environment, join(packageFolder, "templates")) : []),
  ];
  mkdirSync(directory, { recursive: true });
  const { written, left } = writeMissing(directory, files);
  console.log(report({ directory, answers, written, left, project, known }));
  return 0;
}

/** What the options say, asked for where they do not. */
async function answersTo(options: InitOptions, known: KnownContexts): Promise<Asked> {
  checkOptions(options, known);
  const given: Partial<Asked> = {
    ...(options.context === undefined ? {} : { contexts: [...new Set(options.context)] }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.expose === undefined ? {} : { way: options.expose }),
    domain: options.domain,
  };
  if (options.yes || isComplete(given)) return { ...defaultAnswers(known), ...given };
  if (!process.stdin.isTTY)
    throw new UsageError(
      "there is no terminal on which to ask: add --yes to use the defaults, or answer with --context, --namespace and --expose",
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<never>((_, reject) => {
    terminal.once("close", () => reject(new UsageError("not all questions were answered: nothing was written")));
  });
  const ask: Ask = (question) => Promise.race([terminal.question(question), closed]);
  try {
    return await askFor(given, known, ask);
  } finally {
    closed.catch(() => {});
    terminal.close();
  }
}

function checkOptions(options: InitOptions, known: KnownContexts): void {
  const unknown = (options.context ?? []).filter((name) => known.names.length > 0 && !known.names.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`the kubeconfig has no context ${unknown.join(", ")}; it has: ${known.names.join(", ")}`);
  if (options.namespace !== undefined && !isLabel(options.namespace))
    throw new UsageError(
      `--namespace ${options.namespace}: this is not a valid name of a namespace; write lower-case letters, digits and dashes`,
    );
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(options.environment))
    throw new UsageError(
      `--environment ${options.environment}: write lower-case letters, digits and dashes, such as production`,
    );
  if (!/^\d+\.\d+\.\d+$/.test(options.bigPeerVersion))
    throw new UsageError(`--big-peer-version ${options.bigPeerVersion}: write three numbers, such as 1.63.2`);
  if (options.domain !== undefined && !options.domain.split(".").every(isLabel))
    throw new UsageError(`--domain ${options.domain}: this is not a domain; write one such as example.com`);
  if (options.name !== undefined && !/^[\w.-]{1,100}$/.test(options.name))
    throw new UsageError(`--name ${options.name}: write letters, digits, -, _ and . only`);
  const lacking = options.expose === undefined ? undefined : lackingDomain(options.expose, options.domain);
  if (lacking !== undefined) throw new UsageError(`--expose ${lacking}; add --domain`);
}

/** The contexts that the kubeconfig has; none where there is no kubeconfig: a topology can be written, and run on the lab, all the same.
 * @throws UsageError if the kubeconfig that is named cannot be read */
function knownContexts(kubeconfig: string | undefined): KnownContexts {
  try {
    const config = loadKubeConfig({ kubeconfig });
    return { names: config.getContexts().map(({ name }) => name), current: config.getCurrentContext() || undefined };
  } catch (error) {
    if (kubeconfig !== undefined) throw new UsageError(error instanceof Error ? error.message : String(error));
    return { names: [], current: undefined };
  }
}

/** As npm and Pulumi both take it. */
function projectName(folder: string): string {
  return (
    folder
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, "-")
      .replace(/^[._-]+|[._-]+$/g, "") || "big-peers"
  );
}

function report({
  directory,
  answers,
  written,
  left,
  project,
  known,
}: {
  directory: string;
  answers: InitAnswers;
  written: readonly ProjectFile[];
  left: readonly ProjectFile[];
  project: ExistingProject | undefined;
  known: KnownContexts;
}): string {
  const from = relative(process.cwd(), directory);
  const [stack = "", ...others] = stacksOf(answers);
  const topology = `topologies/${answers.environment}.yaml`;
  const width = Math.max(...written.map(({ path }) => path.length), ...left.map(({ path }) => path.length));
  const lines = [
    ...written.map(({ path }) => `${pc.green("written")}  ${path}`),
    ...left.map(
      ({ path, advice }) =>
        `${pc.yellow("left")}     ${advice === undefined ? path : `${path.padEnd(width)}  ${advice}`}`,
    ),
  ];
  const notes = [
    ...(project ? ["The Pulumi project that was here is kept; only files that it did not have were added."] : []),
    ...(project?.runtime === undefined || project.runtime === "nodejs"
      ? []
      : [
          `Its program is not in TypeScript (runtime: ${project.runtime}), so none was added: docs/languages.md of bigpeer-topology shows how it uses a topology.`,
        ]),
    ...(known.names.length === 0
      ? [`There is no kubeconfig: write the contexts of your clusters into ${topology} once you have one.`]
      : []),
  ];
  const next = [
    ...(from === "" ? [] : [`cd ${from.startsWith("..") ? directory : from}`]),
    "npm install",
    `npx bigpeer check ${topology}`,
    `npx bigpeer dev ${topology}   # in a lab on this machine`,
    ...stacksOf(answers).map((each) => `pulumi stack init ${each}`),
    ...(others.length > 0 ? [`npx bigpeer preview ${answers.environment}`] : [`pulumi preview --stack ${stack}`]),
  ];
  return [lines.join("\n"), ...notes, `Next:\n${next.map((line) => `  ${line}`).join("\n")}`].join("\n\n");
}
