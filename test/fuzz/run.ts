import "../../program/diagnostic-reports.cjs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { targets } from "./targets.ts";
import { fuzzWatched } from "./watched.ts";

/** `npm run fuzz`: random inputs for everything that reads what others have written. */
const program = new Command("fuzz")
  .description("Try random topology files, stack outputs and Kubernetes objects on what reads them.")
  .option("--runs <number>", "how many inputs for each target", whole, 100_000)
  .option("--seed <number>", "the same seed gives the same inputs", whole, Math.floor(Date.now() / 1000))
  .option("--only <target>", `one of: ${targets.map(({ name }) => name).join(", ")}`)
  .option("--path <path>", "begin where a failure was found")
  .exitOverride()
  .action(async ({ runs, seed, only, path }: { runs: number; seed: number; only?: string; path?: string }) => {
    const chosen = targets.filter(({ name }) => only === undefined || name === only);
    if (chosen.length === 0) throw new CommanderError(2, "fuzz.target", `there is no target ${only}`);
    console.log(`seed ${seed}`);
    for (const target of chosen) {
      const began = performance.now();
      const { inputs, slowestMs, failure } = await fuzzWatched(target, { runs, seed, path });
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      console.log(`${target.name}: ${inputs} inputs in ${seconds} s, the slowest took ${slowestMs.toFixed(0)} ms`);
      if (failure === undefined) continue;
      console.error(failure);
      process.exitCode = 1;
    }
  });

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("write a whole number");
  return Number(text);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.code === "fuzz.target") console.error(error.message);
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
