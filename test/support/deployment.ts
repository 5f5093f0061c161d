import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CustomObjectsApi, type KubernetesObject } from "@kubernetes/client-node";
import { z } from "zod";
import { loadKubeConfig } from "../../kubernetes/kubeconfig.ts";
import { Engine } from "../../lab/engine.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { cacheFolder } from "../../program/cache-folder.ts";
import { checkFile, planText } from "../../topology/check.ts";
import type { OperatorContract } from "../../topology/operator/contract.ts";
import { type VerifyReport, verify } from "../../verify/run.ts";
import { LeastAccess } from "./least-access.ts";

/** What a user's engine does in each update, and a test's engine leaves out unless the test needs it. */
export interface EngineHabits {
  /**
   * Writes the state after each step, so that an engine which is killed loses nothing. Without it the state is written once at the end, which
   * saves a seventh of an update and makes no difference where the engine ends by itself. @default false
   */
  readonly checkpoints?: boolean;
  /**
   * Runs a preview before each `up` of the deployment: half of what it takes. A test that is about what a user types and sees runs
   * `engine.stack(stack, "up")`, which always previews first. @default false
   */
  readonly previews?: boolean;
}

/** For runs that measure, and for those that stand for a user over a long time. */
export const allHabits: EngineHabits = { checkpoints: true, previews: true };

const previewSteps = z.object({ steps: z.array(z.object({ op: z.string(), urn: z.string() })).default([]) });
const objectList = z.object({ items: z.array(z.custom<KubernetesObject>()) });

/**
 * A topology on a lab of its own, deployed by the real engine: what an end-to-end test acts on. The engine and its program may
 * do what `bigpeer rbac` prints for the topologies that were written, and nothing more; the test itself is an administrator.
 */
export class Deployment {
  readonly directory: string;
  readonly lab: RunningLab;
  readonly engine: Engine;
  readonly topologyFile: string;
  /** Of the engine and its program. */
  readonly access: LeastAccess;
  readonly #stopsLab: boolean;
  readonly #previews: boolean;

  private constructor(
    directory: string,
    lab: RunningLab,
    access: LeastAccess,
    { stopsLab, checkpoints = false, previews = false }: EngineHabits & { stopsLab: boolean },
  ) {
    this.directory = directory;
    this.lab = lab;
    this.access = access;
    this.#stopsLab = stopsLab;
    this.#previews = previews;
    mkdirSync(join(directory, "pulumi"));
    this.engine = new Engine({
      directory: join(directory, "pulumi"),
      // Programs and stand-ins are started many times, and compiling them would be a good part of a suite's time.
      env: {
        ...lab.env,
        KUBECONFIG: access.kubeconfig,
        NODE_COMPILE_CACHE: join(cacheFolder(), "compiled"),
        ...(checkpoints ? {} : { PULUMI_SKIP_CHECKPOINTS: "true" }),
      },
      before: () => this.allow(),
    });
    this.topologyFile = join(directory, "topology.yaml");
  }

  /** Starts a lab with the clusters of a topology.
   * @param stacks name -> owned clusters; default: one stack `dev` with all
   * @param contract of the operator that runs there, where it is another than the topology's */
  static async start(
    topology: string,
    stacks: Readonly<Record<string, readonly string[] | undefined>> = { dev: undefined },
    contract?: OperatorContract,
    habits: EngineHabits = {},
  ): Promise<Deployment> {
    const { plan } = planText(topology);
    const directory = mkdtempSync(join(tmpdir(), "bigpeer-e2e-"));
    const lab = await startLab({
      directory: join(directory, "lab"),
      clusters: labClusters(plan),
      contract: contract ?? plan.operator,
    });
    const access = await LeastAccess.start(lab, directory, plan);
    const deployment = new Deployment(directory, lab, access, { ...habits, stopsLab: true });
    deployment.write(topology);
    for (const [stack, clusters] of Object.entries(stacks)) await deployment.addStack(stack, clusters);
    return deployment;
  }

  /**
   * Another topology, in a stack `dev`, on a lab that is there, which runs on when this is stopped: starting API servers would be a good part
   * of a test. The account that it is deployed with is its own, so it may do nothing that an earlier topology has needed.
   * @param account a name that no deployment on this lab has had
   */
  static async on(lab: RunningLab, topology: string, account: string): Promise<Deployment> {
    const { plan } = planText(topology);
    const directory = mkdtempSync(join(tmpdir(), "bigpeer-e2e-"));
    const access = await LeastAccess.start(lab, directory, plan, { name: account });
    const deployment = new Deployment(directory, lab, access, { stopsLab: false });
    deployment.write(topology);
    await deployment.addStack("dev");
    return deployment;
  }

  /** Makes a stack. @param clusters those that it owns; default: all */
  async addStack(stack: string, clusters?: readonly string[]): Promise<void> {
    const owned = clusters ? { "bigpeer:clusters": JSON.stringify(clusters) } : {};
    const config = { "bigpeer:topology": this.topologyFile, ...owned };
    await this.engine.init(stack, JSON.stringify({ config }));
  }

  /** @param beside files that the topology is made of, too, by their names from its folder */
  write(topology: string, beside: Readonly<Record<string, string>> = {}): void {
    for (const [name, text] of Object.entries(beside)) {
      mkdirSync(dirname(join(this.directory, name)), { recursive: true });
      writeFileSync(join(this.directory, name), text);
    }
    writeFileSync(this.topologyFile, topology);
  }

  /** Lets the program do what the topology needs that was written last. One with errors needs nothing. */
  async allow(): Promise<void> {
    const { plan } = checkFile(this.topologyFile);
    if (plan) await this.access.allow(plan);
  }

  /** Runs `up` to bring the stack to what is written. @throws Error with what the CLI printed, unless it succeeded */
  async up(stack = "dev", flags: readonly string[] = []): Promise<string> {
    const { exitCode, stdout, stderr } = await this.engine.stack(stack, "up", [
      ...(this.#previews ? [] : ["--skip-preview"]),
      ...flags,
    ]);
    if (exitCode !== 0) throw new Error(`pulumi up ${stack}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** What `up` would do: `<op> <name of the resource>` of every step that is not `same`. */
  async changes(stack = "dev"): Promise<string[]> {
    const { stdout, stderr, exitCode } = await this.engine.stack(stack, "preview", ["--json"]);
    if (exitCode !== 0) throw new Error(`pulumi preview ${stack}:\n${stdout}${stderr}`);
    const { steps } = previewSteps.parse(JSON.parse(stdout));
    return steps
      .filter(({ op }) => op !== "same" && op !== "read")
      .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
  }

  verify(topology: string, deadlineMs = 15_000): Promise<VerifyReport> {
    return verify({
      plan: planText(topology).plan,
      access: { kubeconfig: this.lab.kubeconfig, reach: "cluster-ip", apis: {}, managementApis: {} },
      deadlineMs,
    });
  }

  /** The names of the operator's custom resources of a kind, in one cluster. */
  async names(context: string, plural: string, namespace = "ditto"): Promise<string[]> {
    return (await this.objects(context, plural, namespace)).map(({ metadata }) => metadata?.name ?? "").sort();
  }

  async objects(context: string, plural: string, namespace = "ditto"): Promise<KubernetesObject[]> {
    const api = this.kubeConfig(context).makeApiClient(CustomObjectsApi);
    const found: unknown = await api.listNamespacedCustomObject({
      group: "ditto.live",
      version: "v1alpha1",
      namespace,
      plural,
    });
    return objectList.parse(found).items;
  }

  kubeConfig(context: string) {
    return loadKubeConfig({ kubeconfig: this.lab.kubeconfig, context });
  }

  /** The files under the deployment's folder, other than the API servers' own, that hold a text. */
  filesWith(text: string): string[] {
    const search = (folder: string): string[] =>
      readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        // Not through links: the program and its packages are no part of what was written.
        const stat = lstatSync(path);
        if (stat.isDirectory()) return name === "clusters" ? [] : search(path);
        return stat.isFile() && readFileSync(path, "latin1").includes(text) ? [path] : [];
      });
    return search(this.directory);
  }

  async stop(): Promise<void> {
    await this.engine.interrupt();
    if (this.#stopsLab) await this.lab.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
