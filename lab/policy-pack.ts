import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "./engine.ts";

const runner = fileURLToPath(new URL("language/run-policy-pack.sh", import.meta.url));

/**
 * A policy pack for Node.js that the lab's engine can run: the lab's language host knows nothing of policy packs, so the engine is given
 * the pack as a program, which starts it the same way.
 * @returns what `--policy-pack` takes
 */
export function labPolicyPack(engine: Engine, pack: string): string {
  const source = resolve(pack);
  const folder = join(engine.directory, basename(source));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const name of readdirSync(source)) symlinkSync(join(source, name), join(folder, name));
  const program = join(folder, "run-policy-pack");
  copyFileSync(runner, program);
  chmodSync(program, 0o755);
  return program;
}
