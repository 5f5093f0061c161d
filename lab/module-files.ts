/** Files that are taken as they are out of a pinned Go module, and kept in the cache folder: a lab that has them needs no Go. */
import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { cacheFolder } from "../program/cache-folder.ts";
import { LabError } from "./lab-error.ts";

export interface ModuleFiles {
  /** Folder with the go.mod and go.sum that pin the module. */
  readonly moduleDirectory: string;
  readonly module: string;
  /** The folder in the module that is kept. */
  readonly folder: string;
}

/** The definitions of Gateway API, in the folders `standard` and `experimental`. */
export const gatewayApiDefinitions: ModuleFiles = {
  moduleDirectory: fileURLToPath(new URL("go/gateway-api", import.meta.url)),
  module: "sigs.k8s.io/gateway-api",
  folder: "config/crd",
};

/** The definitions of the Prometheus Operator. Only the tests install them. */
export const prometheusOperatorDefinitions: ModuleFiles = {
  moduleDirectory: fileURLToPath(new URL("go/prometheus-operator", import.meta.url)),
  module: "github.com/prometheus-operator/prometheus-operator",
  folder: "example/prometheus-operator-crd",
};

export interface ModuleFilesOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

const run = promisify(execFile);
const downloaded = z.object({ Dir: z.string() });

/** Gives the folder with a module's files, downloading the module unless they are cached.
 * @throws LabError when there is no Go to download it, or no module proxy that has it */
export async function ensureModuleFiles(
  { moduleDirectory, module, folder }: ModuleFiles,
  { environment = process.env, signal }: ModuleFilesOptions = {},
): Promise<string> {
  const pins = ["go.mod", "go.sum"].map((name) => readFileSync(join(moduleDirectory, name)));
  const key = createHash("sha256").update(Buffer.concat(pins)).update(folder).digest("hex").slice(0, 16);
  const kept = join(cacheFolder(environment), `${basename(moduleDirectory)}-${key}`);
  if (existsSync(kept)) return kept;
  const { stdout } = await run("go", ["mod", "download", "-json", module], {
    cwd: moduleDirectory,
    env: { ...environment, GOWORK: "off", GOFLAGS: "-mod=readonly" },
    signal,
  }).catch((error: unknown): never => {
    signal?.throwIfAborted();
    throw new LabError(
      `the module ${module}, which has the definitions that the lab installs, could not be downloaded: ${reasonOf(error)}\n` +
        "Install Go (https://go.dev/dl/) or set GOPROXY to a module proxy that you can reach, and run the command again.",
    );
  });
  const { Dir } = downloaded.parse(JSON.parse(stdout));
  const half = `${kept}.${randomUUID()}`;
  await mkdir(dirname(kept), { recursive: true });
  try {
    await cp(join(Dir, folder), half, { recursive: true });
    await rename(half, kept);
  } catch (error) {
    // Another run may have been quicker.
    if (!existsSync(kept)) throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return kept;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // `go mod download -json` puts what went wrong into its output.
  const output = "stdout" in error && typeof error.stdout === "string" ? error.stdout : "";
  return /"Error": "(.*)"/.exec(output)?.[1] ?? error.message.split("\n").slice(0, 2).join(" ");
}
