/** The files of a lab in its state folder. Whatever else is in the folder is left alone. */
import { mkdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { descriptionFile } from "./description.ts";
import { LabError } from "./lab-error.ts";

export function kubeconfigFile(directory: string): string {
  return join(directory, "kubeconfig");
}

export function supervisorLog(directory: string): string {
  return join(directory, "supervisor.log");
}

/** Folder of one cluster's data, keys and logs. */
export function clusterFolder(directory: string, cluster: string): string {
  return join(clustersFolder(directory), cluster);
}

function clustersFolder(directory: string): string {
  return join(directory, "clusters");
}

/** The subject of the lock on a lab's folder, which its supervisor takes, and so does whoever ends it. */
export function labSubject(directory: string): string {
  return `lab ${directory}`;
}

export function labRunsAlready(directory: string): LabError {
  return new LabError(
    `a lab runs in ${directory} already. Use it, end it (\`npx bigpeer lab down\`), or start this one in another folder (\`--name\`).`,
  );
}

export async function makeLabFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
}

/** Removes what a lab has written, and its folder if nothing else is in it. */
export async function removeLabFiles(directory: string): Promise<void> {
  const file = descriptionFile(directory);
  for (const path of [clustersFolder(directory), kubeconfigFile(directory), supervisorLog(directory), `${file}.new`])
    await rm(path, { recursive: true, force: true });
  // Last: as long as it is there, `down` knows what may still run.
  await rm(file, { force: true });
  await rmdir(directory).catch((error: unknown) => {
    const kept =
      error instanceof Error && "code" in error && ["ENOTEMPTY", "ENOENT", "EEXIST"].includes(String(error.code));
    if (!kept) throw error;
  });
}
