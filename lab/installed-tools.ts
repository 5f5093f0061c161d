/** Programs that are on this machine already and serve as well as our own builds. */
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import semver from "semver";
import { LabError } from "./lab-error.ts";

const run = promisify(execFile);

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first program of this name on a PATH. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  return (path ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, name))
    .find(isProgram);
}

/** The lowest version of the engine that the program runs on, and the README names. */
const lowestPulumi = "3.250.0";

/** The first `pulumi` on PATH, if it has its Node.js language host beside it and is new enough. */
export async function installedPulumi(
  environment: NodeJS.ProcessEnv,
): Promise<{ pulumi: string; languageHostDir: string } | undefined> {
  const pulumi = findProgram("pulumi", environment.PATH);
  if (pulumi === undefined || !isProgram(join(dirname(pulumi), "pulumi-language-nodejs"))) return undefined;
  try {
    const { stdout } = await run(pulumi, ["version"], {
      env: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "1" },
      timeout: 20_000,
    });
    const version = semver.parse(stdout.trim());
    if (!version || version.compareMain(lowestPulumi) < 0) return undefined;
    return { pulumi, languageHostDir: dirname(pulumi) };
  } catch {
    // One that does not start is as good as none: ours is built.
    return undefined;
  }
}

/** A program on PATH. */
export function installedProgram(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  return findProgram(name, environment.PATH);
}

export interface ControlPlanePrograms {
  etcd: string;
  kubeApiserver: string;
  /** The folder of envtest has none by itself. */
  kubeControllerManager: string | undefined;
}

/** The programs in KUBEBUILDER_ASSETS, the folder that envtest users have. */
export function installedControlPlane(environment: NodeJS.ProcessEnv): ControlPlanePrograms | undefined {
  const folder = environment.KUBEBUILDER_ASSETS;
  if (!folder) return undefined;
  const etcd = resolve(folder, "etcd");
  const kubeApiserver = resolve(folder, "kube-apiserver");
  const missing = [etcd, kubeApiserver].filter((file) => !isProgram(file));
  if (missing.length > 0)
    throw new LabError(
      `KUBEBUILDER_ASSETS is ${folder}, but it has no program ${missing.join(" and none ")}. ` +
        "Set it to a folder that contains both, or unset it, so that the lab builds them from source.",
    );
  const kubeControllerManager = resolve(folder, "kube-controller-manager");
  return {
    etcd,
    kubeApiserver,
    kubeControllerManager: isProgram(kubeControllerManager) ? kubeControllerManager : undefined,
  };
}
