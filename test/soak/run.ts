import "../../program/diagnostic-reports.cjs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { soak } from "./soak.ts";

/** `npm run soak`: random edits in a row on the lab, with the real engine. */
const program = new Command("soak")
  .description(
    "Edit a topology again and again on a local lab, and compare the clusters with the plan after each edit.",
  )
  .option("--seed <number>", "of the edits; the same seed gives the same edits", whole, Math.floor(Date.now() / 1000))
  .option("--edits <number>", "how many edits", whole, 200)
  .option("--skip <number>", "begin with the topology after so many edits", whole, 0)
  .option("--minutes <number>", "end after the edit in which this time is over", whole)
  .exitOverride()
  .action(async ({ seed, edits, skip, minutes }: { seed: number; edits: number; skip: number; minutes?: number }) => {
    const interrupted = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => interrupted.abort(new Error("interrupted")));
    const began = performance.now();
    console.log(`seed ${seed}, edits ${skip + 1} to ${edits}`);
    const until = minutes === undefined ? undefined : began + minutes * 60_000;
    const print = (line: string) => console.log(line);
    const done = await soak({ seed, edits, skip, until, signal: interrupted.signal, print });
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(
      `edits ${skip + 1} to ${done} of seed ${seed} in ${seconds} s; after each the clusters were as planned`,
    );
  });

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("write a whole number");
  return Number(text);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
