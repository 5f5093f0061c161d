/** A run of the engine, and what the program's own process says of it. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Engine } from "../lab/engine.ts";
import { type EnginePeak, enginePeak, languageHostPeak } from "./process-memory.ts";
import { scratchFolder, whenEnded } from "./scratch.ts";

const probeReport = z.object({
  /** Since the process began, ms. */
  firstResource: z.number().optional(),
  requests: z.number(),
  /** KiB. */
  maxRSS: z.number(),
  /** Processor time, ms. */
  cpu: z.number(),
});

export interface ProgramRun {
  /** The whole command, ms. */
  readonly time: number;
  /** From the start of the program's process to its first resource, ms. */
  readonly firstResource: number;
  /** Peak resident memory of the language host and the program together, MiB. */
  readonly memory: number;
  /** Of these, the program's. */
  readonly programMemory: number;
  /** Processor time of the program's process, ms. */
  readonly programCpu: number;
  readonly stdout: string;
}

/** The engine with a probe in the program's process, and a folder that goes with it. */
export class ProbedEngine {
  readonly engine: Engine;
  readonly #probes: string;

  /** @param project one of bench/programs, or the folder of a project. Default: this project */
  constructor(env: NodeJS.ProcessEnv, project?: string) {
    const directory = scratchFolder("engine");
    const folder = project === undefined ? undefined : resolve(import.meta.dirname, "programs", project);
    this.#probes = join(directory, "probes");
    mkdirSync(this.#probes);
    const probe = join(import.meta.dirname, "program-probe.cjs");
    this.engine = new Engine({
      directory: join(directory, "pulumi"),
      env: { ...env, BENCH_PROBE: this.#probes, NODE_OPTIONS: `--require=${probe}` },
      ...(folder === undefined ? {} : { project: folder }),
    });
    // A project with a package.json is one that stands for itself, such as Pulumi's template; one with packages of its own is used where it is.
    if (folder && existsSync(join(folder, "package.json")) && !existsSync(join(folder, "node_modules"))) {
      for (const name of ["index.ts", "package.json"]) rmSync(join(this.engine.directory, name));
      cpSync(folder, this.engine.directory, { recursive: true });
    }
    whenEnded(() => void this.engine.kill());
  }

  /** What the engine and all that it starts take while something runs. */
  peak(): { stop(): EnginePeak } {
    return enginePeak(() => this.engine.processes().map(({ pid }) => pid));
  }

  /** @throws Error with what the CLI printed, unless the run succeeded */
  async run(stack: string, operation: "up" | "preview"): Promise<ProgramRun> {
    const watch = languageHostPeak();
    const began = performance.now();
    // An update alone: what its preview takes is a figure of its own.
    const flags = operation === "up" ? ["--skip-preview"] : [];
    const { exitCode, stdout, stderr } = await this.engine.stack(stack, operation, flags);
    const time = performance.now() - began;
    const hostKiB = watch.stop();
    if (exitCode !== 0) throw new Error(`pulumi ${operation}:\n${stdout}${stderr}`);
    const files = readdirSync(this.#probes).map((name) => join(this.#probes, name));
    const [report, ...more] = files.map((file) => probeReport.parse(JSON.parse(readFileSync(file, "utf8"))));
    for (const file of files) rmSync(file);
    if (!report || more.length > 0) throw new Error(`${files.length} programs reported, not one`);
    return {
      time,
      firstResource: report.firstResource ?? Number.NaN,
      memory: (report.maxRSS + hostKiB) / 1024,
      programMemory: report.maxRSS / 1024,
      programCpu: report.cpu,
      stdout,
    };
  }
}
