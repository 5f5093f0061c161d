/** On what the figures were taken. Nothing that names the machine, its user or its folders. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { z } from "zod";
import { toolSources } from "../lab/tool-sources.ts";

export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly processors: number;
  readonly model: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** Processes that wanted to run, averaged over the minute before the first and after the last run. */
  readonly load: { readonly before: number; readonly after: number };
  readonly versions: Readonly<Record<string, string>>;
}

const packages = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random", "typescript"] as const;

export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

export function describeMachine(loadBefore: number): Machine {
  const tools = Object.fromEntries(toolSources().map(({ name, version }) => [name, version]));
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : " with changes"),
    processors: availableParallelism(),
    model: (cpus()[0]?.model ?? "unknown").trim(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: /^\d+\.\d+/.exec(release())?.[0] ?? "unknown",
    load: { before: loadBefore, after: loadNow() },
    versions: {
      node: process.version,
      ...tools,
      ...Object.fromEntries(packages.map((name) => [name, packageVersion(name)])),
    },
  };
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

function packageVersion(name: string): string {
  const text = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
