import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningLab } from "../../lab/lab.ts";
import { ensureTool } from "../../lab/tool-builds.ts";
import { toolProgress } from "../../lab/tool-progress.ts";
import { helmSource } from "../../lab/tool-sources.ts";
import { planText } from "../../topology/check.ts";
import { bareObjects, writeChart } from "../bare-objects.ts";
import { clustersLike, withLab } from "../bench-lab.ts";
import { type Figure, inTurn } from "../figure.ts";
import type { Part } from "../part.ts";
import { ProbedEngine } from "../program-run.ts";
import { scratchFolder, timeCommand } from "../scratch.ts";
import { ringOfPairs } from "../topologies.ts";

/** What stands for the same in Helm's world: an upgrade of a release to what it is. It writes, if nothing that is not there. */
async function helmUpgrade({ env }: RunningLab, peers: number): Promise<() => Promise<number>> {
  const helm = await ensureTool(helmSource(), { onProgress: toolProgress() });
  const objects = await bareObjects(planText(ringOfPairs(peers, "helm")).plan, "only");
  const chart = writeChart(objects, scratchFolder("chart"));
  const place = ["peers", chart, "--kube-context", "helm", "--namespace", "ditto"];
  await timeCommand(helm, ["install", ...place], { env });
  return () => timeCommand(helm, ["upgrade", ...place], { env });
}

/** An engine with a stack `dev` of this project's program, for the pairs in the cluster `own`. */
export async function ownProgram({ env }: RunningLab, peers: number, installed?: string): Promise<ProbedEngine> {
  const file = join(scratchFolder("topology"), "topology.yaml");
  writeFileSync(file, ringOfPairs(peers, "own"));
  const own = new ProbedEngine(env, installed);
  await own.engine.init("dev", JSON.stringify({ config: { "bigpeer:topology": file } }));
  return own;
}

/** An engine with a stack `dev` of the bare program, for the objects of the same pairs in the cluster `bare`. */
export async function bareProgram({ env }: RunningLab, peers: number): Promise<ProbedEngine> {
  const file = join(scratchFolder("objects"), "objects.json");
  writeFileSync(file, JSON.stringify(await bareObjects(planText(ringOfPairs(peers, "bare")).plan, "only")));
  const bare = new ProbedEngine(env, "bare");
  await bare.engine.init("dev", JSON.stringify({ config: { "bare:objects": file, "bare:context": "bare" } }));
  return bare;
}

/** What components, a plan and rules cost on top of what the engine needs. */
export const preview: Part = {
  name: "preview",
  lab: true,
  async measure({ quick, installed }) {
    const peers = quick ? 3 : 50;
    const clusters = clustersLike(ringOfPairs(peers, "own"), ["own", "bare", "helm"]);
    const runs = await withLab(clusters, async (lab) => {
      const [own, bare] = [await ownProgram(lab, peers, installed), await bareProgram(lab, peers)];
      for (const each of [own, bare]) await each.run("dev", "up");
      const upgrade = await helmUpgrade(lab, peers);
      return inTurn<{ time: number; memory: number }>(quick ? 1 : 5, {
        own: () => own.run("dev", "preview"),
        bare: () => bare.run("dev", "preview"),
        helm: async () => ({ time: await upgrade(), memory: Number.NaN }),
      });
    });
    const bareFloor = { name: "a bare program with the same objects", of: runs.bare ?? [] };
    const figure = (name: string, key: "time" | "memory", bar: Figure["bar"], floor = bareFloor): Figure => ({
      part: "preview",
      name,
      unit: key === "time" ? "ms" : "MiB",
      subject: {
        name: `${peers} peers, ${4 * peers} custom resources`,
        values: (runs.own ?? []).map((run) => run[key]),
      },
      floor: { name: floor.name, values: floor.of.map((run) => run[key]) },
      bar,
    });
    return [
      figure("preview, nothing changed", "time", { ratio: 0.8 }),
      figure("preview, nothing changed", "time", undefined, {
        name: "helm upgrade, nothing changed",
        of: runs.helm ?? [],
      }),
      figure("peak memory of language host and program", "memory", { ratio: 1.15 }),
    ];
  },
};
