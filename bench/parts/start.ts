import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { labClusters } from "../../lab/topology-clusters.ts";
import { planText } from "../../topology/check.ts";
import { withLab } from "../bench-lab.ts";
import { type Figure, inTurn } from "../figure.ts";
import type { Part } from "../part.ts";
import { ProbedEngine } from "../program-run.ts";
import { scratchFolder } from "../scratch.ts";

/** How long a preview is busy before it knows its first resource. */
export const start: Part = {
  name: "start",
  lab: true,
  async measure({ quick, installed }) {
    const file = join(import.meta.dirname, "..", "..", "topologies", "dev.yaml");
    const clusters = labClusters(planText(readFileSync(file, "utf8")).plan);
    // Both keep what they have compiled: this program in Node's compile cache, the template in ts-node's.
    const [ownCache, templateCache] = [scratchFolder("own-cache"), scratchFolder("template-cache")];
    const runs = await withLab(clusters, async ({ env }) => {
      const own = new ProbedEngine({ ...env, BIGPEER_CACHE: ownCache }, installed);
      await own.engine.init("dev", JSON.stringify({ config: { "bigpeer:topology": file } }));
      const template = new ProbedEngine({ ...env, TS_NODE_CACHE_DIRECTORY: templateCache }, "template");
      await template.engine.init("dev");
      const cold = (engine: ProbedEngine, cache: string) => () => {
        rmSync(cache, { recursive: true });
        mkdirSync(cache);
        return engine.run("dev", "preview");
      };
      return inTurn(quick ? 1 : 5, {
        ownCold: cold(own, ownCache),
        templateCold: cold(template, templateCache),
        own: () => own.run("dev", "preview"),
        template: () => template.run("dev", "preview"),
      });
    });
    const times = (name: string) => (runs[name] ?? []).map(({ firstResource }) => firstResource);
    const figure = (state: string, own: string, template: string, bar: Figure["bar"], note: string): Figure => ({
      part: "start",
      name: `first resource registered after \`pulumi preview\` starts the program, ${state}`,
      unit: "ms",
      subject: { name: "topologies/dev.yaml", values: times(own) },
      floor: { name: "the same imports in Pulumi's TypeScript template (ts-node)", values: times(template) },
      bar,
      note,
    });
    return [
      figure("nothing compiled before", "ownCold", "templateCold", { ratio: 0.35 }, "as in a fresh job of a pipeline"),
      figure("run before", "own", "template", undefined, "ts-node 7 checks no types of a file that has not changed"),
    ];
  },
};
