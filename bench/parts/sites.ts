import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../../lab/engine.ts";
import { planText } from "../../topology/check.ts";
import { withSharedServer } from "../bench-lab.ts";
import { type Figure, inTurn, type Unit } from "../figure.ts";
import { onlyStack } from "../only-stack.ts";
import type { Part } from "../part.ts";
import { planInProcess } from "../plan-process.ts";
import { enginePeak } from "../process-memory.ts";
import { runCommand, scratchFolder, whenEnded } from "../scratch.ts";
import { hubAndSpokes } from "../topologies.ts";

const cli = join(import.meta.dirname, "..", "..", "cli", "bigpeer.ts");

interface Run {
  /** ms. */
  readonly time: number;
  /** MiB. */
  readonly memory: number;
}

/** A hub and its sites, each with a stack of its own: what one changed site costs among the others, and what the files alone cost. */
export const sites: Part = {
  name: "sites",
  lab: true,
  async measure({ quick, log }) {
    const figures: Figure[] = [];
    for (const size of quick ? [3, 6] : [10, 50, 200]) {
      figures.push(...(await filesOf(size, quick)));
      log(`sites: ${size} stacks are deployed from nothing`);
      figures.push(...(await deploymentsOf(size, quick)));
    }
    return figures;
  },
};

/** What needs no cluster, against the same of a hub with one site. */
async function filesOf(size: number, quick: boolean): Promise<Figure[]> {
  const folder = scratchFolder("sites");
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const [many, changed] = [write("many.yaml", topologyOf(size)), write("changed.yaml", topologyOf(size, true))];
  const [two, other] = [write("two.yaml", topologyOf(2)), write("other.yaml", topologyOf(2, true))];
  const commands: Readonly<Record<string, readonly [string[], string[]]>> = {
    "`check`": [
      ["check", many],
      ["check", two],
    ],
    "`diff` of one changed site": [
      ["diff", many, changed],
      ["diff", two, other],
    ],
    "`expand`": [
      ["expand", many],
      ["expand", two],
    ],
  };
  const figures: Figure[] = [];
  for (const [name, [subject, floor]] of Object.entries(commands)) {
    const { all = [], one = [] } = await inTurn(quick ? 1 : 5, { all: () => run(subject), one: () => run(floor) });
    figures.push(...compared(`${name}, cold process`, size, all, { name: "the same of 2 sites", runs: one }));
  }
  const { all = [], one = [] } = await inTurn(quick ? 1 : 5, { all: () => planned(many), one: () => planned(two) });
  return [...figures, ...compared("schema, rules and plan", size, all, { name: "the same of 2 sites", runs: one })];
}

async function planned(file: string): Promise<Run> {
  const { judge: time, memory } = await planInProcess(file, "--warnings");
  return { time, memory };
}

async function deploymentsOf(size: number, quick: boolean): Promise<Figure[]> {
  const { plan } = planText(topologyOf(size));
  return withSharedServer(plan, async (lab) => {
    const file = join(scratchFolder("topology"), "topology.yaml");
    writeFileSync(file, topologyOf(size));
    const engine = new Engine({ directory: join(scratchFolder("engine"), "pulumi"), env: lab.env });
    whenEnded(() => void engine.kill());
    for (const { stack = "" } of plan.clusters.values())
      await engine.init(stack, JSON.stringify({ config: { "bigpeer:topology": file } }));
    const { env } = engine;
    await run(["deploy", file, "--project", engine.directory], env);
    const alone = onlyStack(engine, "stack-spoke0000");
    let changed = false;
    const ofOneSite = (command: string, project: string) => async () => {
      changed = !changed;
      writeFileSync(file, topologyOf(size, changed));
      return run([command, file, "--project", project], env);
    };
    // A preview writes nothing, so every second one would find the site as it was deployed.
    const previewOf = (project: string) => async () => {
      writeFileSync(file, topologyOf(size, !changed));
      const result = await run(["preview", file, "--project", project], env);
      writeFileSync(file, topologyOf(size, changed));
      return result;
    };
    const runs = await inTurn(quick ? 1 : 5, {
      deploy: ofOneSite("deploy", engine.directory),
      deployAlone: ofOneSite("deploy", alone),
      preview: previewOf(engine.directory),
      previewAlone: previewOf(alone),
      nothing: () => run(["deploy", file, "--project", engine.directory], env),
    });
    const { deploy = [], deployAlone = [], preview = [], previewAlone = [], nothing = [] } = runs;
    const stack = (runs: readonly Run[]) => ({ name: "the stack of that site alone", runs });
    return [
      ...compared("`deploy` of one changed site", size, deploy, stack(deployAlone), 1.5),
      ...compared("`preview` of one changed site", size, preview, stack(previewAlone), 1.5),
      ...compared("`deploy`, nothing changed", size, nothing, stack(deployAlone)),
    ];
  });
}

function topologyOf(size: number, changed = false): string {
  const text = hubAndSpokes(size - 1, (cluster) => `stack-${cluster}`);
  const of = (version: string) => `spoke0000: { cluster: spoke0000, version: ${version} }`;
  return changed ? text.replace(of("1.63.2"), of("1.64.0")) : text;
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Run> {
  const pids: number[] = [];
  const watch = enginePeak(() => pids);
  const { time, exitCode, output } = await runCommand(process.execPath, [cli, ...args], {
    env,
    onStart: (pid) => pids.push(pid),
  });
  const { memory } = watch.stop();
  if (exitCode !== 0) throw new Error(`bigpeer ${args.join(" ")} ended with ${exitCode}:\n${output}`);
  return { time, memory };
}

function compared(
  name: string,
  size: number,
  runs: readonly Run[],
  floor: { readonly name: string; readonly runs: readonly Run[] },
  ratio?: number,
): Figure[] {
  const figure = (key: keyof Run, unit: Unit, title: string, bar: Figure["bar"]): Figure => ({
    part: "sites",
    name: title,
    unit,
    subject: { name: `${size} sites, a stack for each`, values: runs.map((each) => each[key]) },
    floor: { name: floor.name, values: floor.runs.map((each) => each[key]) },
    bar,
  });
  return [
    figure("time", "ms", name, ratio === undefined ? undefined : { ratio }),
    figure("memory", "MiB", `${name}: peak memory`, undefined),
  ];
}
