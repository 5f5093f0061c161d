import type { RunningLab } from "../../lab/lab.ts";
import { ensureTool } from "../../lab/tool-builds.ts";
import { toolProgress } from "../../lab/tool-progress.ts";
import { helmSource, kubectlSource } from "../../lab/tool-sources.ts";
import { planText } from "../../topology/check.ts";
import { bareObjects, writeChart, writeFiles } from "../bare-objects.ts";
import { clustersLike, withLab } from "../bench-lab.ts";
import { type Figure, inTurn } from "../figure.ts";
import type { Part } from "../part.ts";
import type { ProbedEngine } from "../program-run.ts";
import { scratchFolder, timeCommand } from "../scratch.ts";
import { ringOfPairs } from "../topologies.ts";
import { bareProgram, ownProgram } from "./preview.ts";

/** An update from nothing, each on a lab of its own. */
export const up: Part = {
  name: "up",
  lab: true,
  async measure({ quick }) {
    const kubectl = await ensureTool(kubectlSource(), { onProgress: toolProgress() });
    const helm = await ensureTool(helmSource(), { onProgress: toolProgress() });
    const peers = quick ? 3 : 50;
    const topology = ringOfPairs(peers, "own");
    const folder = scratchFolder("files");
    writeFiles(await bareObjects(planText(topology).plan, "only"), folder);
    const chart = writeChart(await bareObjects(planText(topology).plan, "only"), scratchFolder("chart"));
    const install = ["install", "peers", chart, "--kube-context", "own", "--namespace", "ditto"];
    const apply = ["apply", "--server-side", "--context", "own", "-f", folder];
    const onLab = (cluster: string, measure: (lab: RunningLab) => Promise<number>) => () =>
      withLab(clustersLike(topology, [cluster]), measure);
    const runs = await inTurn(quick ? 1 : 3, {
      own: onLab("own", async (lab) => updateTime(await ownProgram(lab, peers))),
      once: onLab("own", async (lab) => updateTime(await ownProgram(writingStateOnce(lab), peers))),
      bare: onLab("bare", async (lab) => updateTime(await bareProgram(lab, peers))),
      kubectl: onLab("own", ({ env }) => timeCommand(kubectl, apply, { env })),
      helm: onLab("own", ({ env }) => timeCommand(helm, install, { env })),
    });
    const subject = { name: `${peers} peers, ${4 * peers} custom resources`, values: runs.own ?? [] };
    const against = (name: string, values: readonly number[], bar: Figure["bar"], note?: string): Figure => ({
      part: "up",
      name: "up from nothing",
      unit: "ms",
      subject,
      floor: { name, values },
      bar,
      note,
    });
    return [
      against("kubectl apply --server-side of the rendered files", runs.kubectl ?? [], { ratio: 2 }, waits),
      against("helm install of the same objects", runs.helm ?? [], undefined, waits),
      against("a bare program with the same objects", runs.bare ?? [], { ratio: 1.2 }),
      against("itself with the state written once, at the end", runs.once ?? [], undefined, checkpoints),
    ];
  },
};

async function updateTime(program: ProbedEngine): Promise<number> {
  return (await program.run("dev", "up")).time;
}

function writingStateOnce(lab: RunningLab): RunningLab {
  return { ...lab, env: { ...lab.env, PULUMI_SKIP_CHECKPOINTS: "true" } };
}

const checkpoints =
  "the engine writes the whole state after each step, so that a crash loses nothing; this is what that takes";
const waits = "kubectl waits for nothing; an update waits until every BigPeer is Ready and its CA can be read";
