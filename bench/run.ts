#!/usr/bin/env node
import "../program/diagnostic-reports.cjs";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { toolProgress } from "../lab/tool-progress.ts";
import { ensureTools } from "../lab/tools.ts";
import { judge } from "./figure.ts";
import { installedProject } from "./installed-project.ts";
import { describeMachine, loadNow } from "./machine.ts";
import type { Part } from "./part.ts";
import { check } from "./parts/check.ts";
import { clusters } from "./parts/clusters.ts";
import { deploy } from "./parts/deploy.ts";
import { diff } from "./parts/diff.ts";
import { growth } from "./parts/growth.ts";
import { objects } from "./parts/objects.ts";
import { packageSizes } from "./parts/package.ts";
import { plan } from "./parts/plan.ts";
import { preview } from "./parts/preview.ts";
import { sites } from "./parts/sites.ts";
import { start } from "./parts/start.ts";
import { up } from "./parts/up.ts";
import { markdown } from "./report.ts";
import { removeScratch } from "./scratch.ts";
import { unmeasured } from "./unmeasured.ts";

/** What a quick run leaves out unless it is named: it says nothing at small sizes. */
const slow: readonly Part[] = [growth, clusters, sites];
const parts: readonly Part[] = [
  objects,
  packageSizes,
  plan,
  check,
  diff,
  start,
  preview,
  growth,
  up,
  deploy,
  clusters,
  sites,
];

/** The parts that can measure the installed package. */
const ofInstalled: readonly Part[] = [check, start, preview];

/** Measures parts and writes the report. Time alone never makes it fail: what a bar was missed by is in the report. */
async function bench(
  names: readonly string[],
  { quick = false, installed = false }: { quick?: boolean; installed?: boolean },
): Promise<void> {
  const usual = installed ? ofInstalled : quick ? parts.filter((part) => !slow.includes(part)) : parts;
  const chosen = names.length === 0 ? usual : parts.filter(({ name }) => names.includes(name));
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0)
    throw new CommanderError(
      2,
      "usage",
      `no part ${unknown.join(", ")}; there are: ${parts.map(({ name }) => name).join(", ")}`,
    );
  const others = installed ? chosen.filter((part) => !ofInstalled.includes(part)) : [];
  if (others.length > 0)
    throw new CommanderError(
      2,
      "usage",
      `${others.map(({ name }) => name).join(", ")}: --installed measures ${ofInstalled.map(({ name }) => name).join(", ")} alone`,
    );
  const project = installed ? await installedProject() : undefined;
  if (chosen.some(({ lab }) => lab)) await ensureTools({ onProgress: toolProgress() });
  const log = (line: string) => console.error(line);
  const before = loadNow();
  const figures = [];
  const failed: string[] = [];
  for (const part of chosen) {
    const began = performance.now();
    try {
      const measured = await part.measure({ quick, log, installed: project });
      figures.push(...measured.map((figure) => judge(figure, quick ? 2 : 1)));
    } catch (error) {
      // The other parts are measured all the same: together they take an hour.
      console.error(error);
      failed.push(part.name);
    }
    log(`${part.name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  const missing = unmeasured.filter(({ part }) => chosen.some(({ name }) => name === part));
  const report = { machine: describeMachine(before), quick, figures, missing };
  const text = markdown(report);
  console.log(`\n${text}`);
  if (failed.length > 0) {
    console.error(`These parts failed, so nothing is kept: ${failed.join(", ")}`);
    process.exitCode = 1;
  }
  if (quick || failed.length > 0) return;
  // A part alone is no run to compare with: its file stays on this machine.
  const whole = names.length === 0 && !installed;
  const folder = join(import.meta.dirname, "results");
  const file = join(
    folder,
    whole ? "full" : `local-${[...(installed ? ["installed"] : []), ...chosen.map(({ name }) => name)].join("-")}`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.md`, text);
  writeFileSync(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`);
}

process.on("exit", removeScratch);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const program = new Command("bench")
  .description("Measure the operations that this project has to be fast at, each against its floor in the same run")
  .argument("[parts...]", `of: ${parts.map(({ name }) => name).join(", ")} (default: all)`)
  .option(
    "--installed",
    "measure the package as it is packed and installed, instead of this checkout: check, start, preview",
  )
  .option("--quick", "small sizes, few runs: prints its table and keeps nothing")
  .exitOverride()
  .action(bench);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.code === "usage") console.error(`error: ${error.message}`);
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
