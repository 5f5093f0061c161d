import "../../program/diagnostic-reports.cjs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { load, type Measured } from "./load.ts";

interface Options {
  readonly peers: number;
  readonly replications: number;
  readonly clusters: number;
  readonly skipCheckpoints?: boolean;
}

/** `npm run load`: a large topology on the lab, with the real engine; time and memory of each step. */
const program = new Command("load")
  .description("Deploy, preview, change and destroy a large topology on a local lab.")
  .option("--peers <number>", "Big Peers", whole, 50)
  .option("--replications <number>", "replications between pairs of them", whole, 500)
  .option("--clusters <number>", "clusters, each with an API server of its own", whole, 5)
  .option("--skip-checkpoints", "write the state only at the end of each operation")
  .exitOverride()
  .action(async ({ skipCheckpoints, ...size }: Options) => {
    const interrupted = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => interrupted.abort(new Error("interrupted")));
    console.log(`${size.peers} peers, ${size.replications} replications, ${size.clusters} clusters\n`);
    console.log(
      "| step | time | engine | API servers and etcds | stand-ins | |\n| --- | --- | --- | --- | --- | --- |",
    );
    await load({ size, skipCheckpoints, signal: interrupted.signal, onStep: (measured) => console.log(row(measured)) });
  });

function row({ step, seconds, engineMiB, clustersMiB, standInsMiB, note }: Measured): string {
  const memory = [engineMiB, clustersMiB, standInsMiB].map((each) => (each === 0 ? "-" : `${each} MiB`));
  return `| ${[step, `${seconds.toFixed(1)} s`, ...memory, note].join(" | ")} |`;
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("write a whole number");
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
