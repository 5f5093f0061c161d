import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { planText } from "../../topology/check.ts";
import { withSharedServer } from "../bench-lab.ts";
import type { Figure, Unit } from "../figure.ts";
import type { Part } from "../part.ts";
import { ProbedEngine } from "../program-run.ts";
import { scratchFolder } from "../scratch.ts";
import { hubAndSpokes } from "../topologies.ts";

interface Run {
  readonly time: number;
  readonly memory: number;
  readonly providers: number;
}

/** What a stack takes by the number of clusters that it owns, since the engine starts a provider for each. */
export const clusters: Part = {
  name: "clusters",
  lab: true,
  async measure({ quick }) {
    const sizes = quick ? [2, 4] : [2, 10, 50];
    const runs: [number, Run[]][] = [];
    for (const size of sizes) runs.push([size, await previews(size, quick ? 1 : 3)]);
    const [[least = 0, floor = []] = []] = runs;
    const figure = (size: number, of: readonly Run[], key: keyof Run, unit: Unit, name: string): Figure => ({
      part: "clusters",
      name: `${name}, a stack of ${size} clusters`,
      unit,
      subject: { name: `a hub and ${size - 1} spokes`, values: of.map((run) => run[key]) },
      floor: { name: `a stack of ${least} clusters`, values: floor.map((run) => run[key]) },
      bar: undefined,
    });
    return runs.flatMap(([size, of]) => [
      figure(size, of, "time", "ms", "preview, nothing changed"),
      figure(size, of, "memory", "MiB", "peak memory of engine, program and providers"),
      figure(size, of, "providers", "objects", "provider processes"),
    ]);
  },
};

async function previews(size: number, rounds: number): Promise<Run[]> {
  const topology = hubAndSpokes(size - 1);
  return withSharedServer(planText(topology).plan, async ({ env }) => {
    const file = join(scratchFolder("topology"), "topology.yaml");
    writeFileSync(file, topology);
    const own = new ProbedEngine(env);
    await own.engine.init("dev", JSON.stringify({ config: { "bigpeer:topology": file } }));
    await own.run("dev", "up");
    const runs: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      const watch = own.peak();
      const { time } = await own.run("dev", "preview");
      runs.push({ time, ...watch.stop() });
    }
    return runs;
  });
}
