import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Engine } from "./engine.ts";

/**
 * A folder that only looks like a policy pack for Node.js, and that the lab's engine can run: the lab's language host knows nothing of
 * policy packs, so the engine is sent to `pulumi-analyzer-policy-lab-nodejs`, which starts it the same way.
 */
export function labPolicyPack(engine: Engine, pack: string): string {
  const source = resolve(pack);
  const folder = join(engine.directory, basename(source));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const name of readdirSync(source)) symlinkSync(join(source, name), join(folder, name));
  const project = join(folder, "PulumiPolicy.yaml");
  rmSync(project);
  const text = readFileSync(join(source, "PulumiPolicy.yaml"), "utf8");
  writeFileSync(project, text.replace(/^runtime: nodejs$/m, "runtime: lab-nodejs"));
  return folder;
}
