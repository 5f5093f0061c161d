import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { descendantsOf, identify, type ProcessIdentity } from "./process-identity.ts";

/** The output of a run of the Pulumi CLI, and its outcome. */
export interface EngineRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunLimits {
  /** No file may grow beyond it: as near to a full disk as a process can be brought without being root. */
  readonly fileSizeLimitKiB?: number;
}

export interface EngineOptions {
  /** Folder of its own: state, home and copies of the stacks' configuration. */
  readonly directory: string;
  /** The lab's environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Project folder. @default this project's, in a checkout of it */
  readonly project?: string;
  /** Gets what the CLI prints, as it comes. */
  readonly output?: ((text: string) => void) | undefined;
  /** Waited for before each run. */
  readonly before?: (() => Promise<void>) | undefined;
  /** One whose backend this one uses, so that the stacks of both can refer to each other. @default a backend of its own */
  readonly beside?: Engine | undefined;
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** The option that gives a program in a checkout the sources where it imports `bigpeer-topology`. */
const sources = "--conditions=bigpeer-topology-source";
const projectFile = z.object({ main: z.string().optional() });

/** The real Pulumi CLI with a home and a state of its own, so that a user's own Pulumi never notices. */
export class Engine {
  readonly directory: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #project: string;
  readonly #output: ((text: string) => void) | undefined;
  readonly #before: (() => Promise<void>) | undefined;
  readonly #running = new Set<ChildProcess>();

  constructor({ directory, env, project, output, before, beside }: EngineOptions) {
    this.directory = directory;
    this.#project = resolve(project ?? root);
    this.#output = output;
    this.#before = before;
    for (const name of ["state", "tmp"]) mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
    // The CLI writes beside the project file (a stack's encryption salt), so it gets a folder that only looks like the project.
    cpSync(join(this.#project, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
    const program = programOf(this.#project);
    symlinkSync(join(this.#project, program), join(directory, program));
    // What Node.js loads before the program may lie beside the program.
    const [, preload] = /--require +\.\/([^/\s]+)/.exec(readFileSync(join(directory, "Pulumi.yaml"), "utf8")) ?? [];
    for (const name of ["package.json", "node_modules", ...(preload === undefined ? [] : [preload])])
      symlinkSync(nearest(name, this.#project) ?? join(root, name), join(directory, name));
    this.#env = {
      ...env,
      NODE_OPTIONS: [env.NODE_OPTIONS, ofCheckout(this.#project) ? sources : ""].filter(Boolean).join(" "),
      PULUMI_HOME: join(directory, "home"),
      // The engine and its language host leave pipes and folders where temporary files belong.
      TMPDIR: join(directory, "tmp"),
      PULUMI_BACKEND_URL: beside?.env.PULUMI_BACKEND_URL ?? `file://${join(directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: beside?.env.PULUMI_CONFIG_PASSPHRASE ?? randomBytes(24).toString("base64url"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }

  /** The environment in which another program finds the same state. */
  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  /** The copy of a stack's configuration. */
  configFile(stack: string): string {
    return join(this.directory, `Pulumi.${stack}.yaml`);
  }

  /** Makes a stack, with the project's configuration for it unless one is given (as the text of a `Pulumi.<stack>.yaml`). */
  async init(stack: string, configuration?: string): Promise<void> {
    const own = join(this.#project, `Pulumi.${stack}.yaml`);
    if (configuration !== undefined) writeFileSync(this.configFile(stack), configuration);
    else if (existsSync(own)) cpSync(own, this.configFile(stack));
    const { exitCode, stderr } = await this.run(["stack", "init", stack], { quiet: true });
    if (exitCode !== 0) throw new Error(`pulumi stack init ${stack}: ${stderr}`);
  }

  /** `up`, `preview`, `destroy` or `refresh` of a stack. */
  stack(
    stack: string,
    operation: "up" | "preview" | "destroy" | "refresh",
    flags: readonly string[] = [],
    limits: RunLimits = {},
  ): Promise<EngineRun> {
    // As a user's own run does: with the preview before it.
    const consent = operation === "preview" ? [] : ["--yes"];
    return this.run([operation, "--stack", stack, "--color", "never", ...consent, ...flags], limits);
  }

  /** The outputs of a stack, secrets masked unless asked for. */
  async outputs(stack: string, showSecrets = false): Promise<unknown> {
    const flags = showSecrets ? ["--show-secrets"] : [];
    const { stdout, stderr, exitCode } = await this.run(["stack", "output", "--json", "--stack", stack, ...flags], {
      quiet: true,
    });
    if (exitCode !== 0) throw new Error(`pulumi stack output: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** Any command of the CLI, in the folder that looks like the project's. */
  async run(
    args: readonly string[],
    { quiet = false, fileSizeLimitKiB }: RunLimits & { quiet?: boolean } = {},
  ): Promise<EngineRun> {
    await this.#before?.();
    const command = ["pulumi", ...args, "--non-interactive"];
    const fileSize = fileSizeLimitKiB === undefined ? "" : `ulimit -f ${fileSizeLimitKiB * 2}; `;
    // A core dump would be the memory of a program, secrets and all.
    const child = spawn("sh", ["-c", `ulimit -c 0; ${fileSize}exec "$0" "$@"`, ...command], {
      cwd: this.directory,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
        if (!quiet) this.#output?.(text);
      });
    }
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        this.#running.delete(child);
        resolve({ ...texts, exitCode: code ?? (signal ? 128 : 1) });
      });
    });
  }

  /** The running processes: the CLI first, then all that it has started. */
  processes(): ProcessIdentity[] {
    return [...this.#running].flatMap(({ pid }) =>
      pid === undefined ? [] : [identify(pid) ?? [], descendantsOf(pid)].flat(),
    );
  }

  /** Ends what runs at once, as an out-of-memory killer would. Gives the processes that the CLI had started. */
  async kill(): Promise<ProcessIdentity[]> {
    const started = [...this.#running].flatMap(({ pid }) => (pid === undefined ? [] : descendantsOf(pid)));
    await Promise.all(
      [...this.#running].map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once("close", () => resolve());
            child.kill("SIGKILL");
          }),
      ),
    );
    return started;
  }

  /** Asks what runs to end, as Ctrl-C would, and waits until it has. */
  async interrupt(): Promise<void> {
    await Promise.all(
      [...this.#running].map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once("close", () => resolve());
            child.kill("SIGINT");
          }),
      ),
    );
  }
}

/** The file or folder at the top of a project that has its program. */
function programOf(project: string): string {
  const { main } = projectFile.parse(parse(readFileSync(join(project, "Pulumi.yaml"), "utf8")));
  const found = main ?? ["index.ts", "index.js", "index.mjs"].find((name) => existsSync(join(project, name)));
  const [top = ""] = normalize(found ?? "index.ts").split(sep);
  return top;
}

function ofCheckout(project: string): boolean {
  return import.meta.filename.endsWith(".ts") && `${project}/`.startsWith(root);
}

/** A file or folder of a project, which one in a workspace has in a folder above. */
function nearest(name: string, folder: string): string | undefined {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? undefined : nearest(name, dirname(folder));
}
