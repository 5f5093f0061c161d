import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../../lab/engine.ts";
import { planText } from "../../topology/check.ts";
import { withSharedServer } from "../bench-lab.ts";
import { type Figure, inTurn, median } from "../figure.ts";
import { onlyStack } from "../only-stack.ts";
import type { Part } from "../part.ts";
import { scratchFolder, timeCommand, whenEnded } from "../scratch.ts";
import { hubAndSpokes } from "../topologies.ts";

const root = join(import.meta.dirname, "..", "..");

/** An environment of many stacks in which nothing changes: what a pipeline does on most pushes. */
export const deploy: Part = {
  name: "deploy",
  lab: true,
  async measure({ quick }) {
    const stacks = quick ? 2 : 10;
    const topology = hubAndSpokes(stacks - 1, (cluster) => `stack-${cluster}`);
    const { plan } = planText(topology);
    const runs = await withSharedServer(plan, async (lab) => {
      const file = join(scratchFolder("topology"), "topology.yaml");
      writeFileSync(file, topology);
      const engine = new Engine({ directory: join(scratchFolder("engine"), "pulumi"), env: lab.env });
      whenEnded(() => void engine.kill());
      for (const cluster of plan.clusters.keys()) {
        const config = { "bigpeer:topology": file, "bigpeer:clusters": JSON.stringify([cluster]) };
        await engine.init(`stack-${cluster}`, JSON.stringify({ config }));
      }
      // Every stack is started: that stacks which need nothing are left out is measured by the part `sites`.
      const command = (project: string) => () =>
        timeCommand(
          process.execPath,
          [join(root, "cli", "bigpeer.ts"), "deploy", file, "--project", project, "--all"],
          { env: engine.env },
        );
      const all = command(engine.directory);
      await all();
      // The hub reads every other stack; of the spokes one is as good as another.
      const [hubStack, spokeStack] = ["stack-hub", "stack-spoke0000"].map((stack) => onlyStack(engine, stack));
      const single = async (project = "") => command(project)();
      return inTurn(quick ? 1 : 3, { all, hub: () => single(hubStack), spoke: () => single(spokeStack) });
    });
    const { all = [], hub: one = [], spoke = [] } = runs;
    const slowest = median(one) >= median(spoke) ? one : spoke;
    const figure: Figure = {
      part: "deploy",
      name: `\`deploy\` of ${stacks} stacks, nothing changed`,
      unit: "ms",
      subject: { name: "hub and spokes, a stack for each cluster", values: all },
      floor: { name: "`deploy` of the slowest of them alone", values: slowest },
      bar: { ratio: 3 },
    };
    return [figure];
  },
};
