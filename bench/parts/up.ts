import { toolProgress } from "../../lab/tool-progress.ts";
import { kubectlSource } from "../../lab/tool-sources.ts";
import { ensureTool } from "../../lab/tools.ts";
import { planText } from "../../topology/check.ts";
import { bareObjects, writeFiles } from "../bare-objects.ts";
import { clustersLike, withLab } from "../bench-lab.ts";
import { type Figure, inTurn } from "../figure.ts";
import type { Part } from "../part.ts";
import { scratchFolder, timeCommand } from "../scratch.ts";
import { ringOfPairs } from "../topologies.ts";
import { bareProgram, ownProgram } from "./preview.ts";

/** An update from nothing, each on a lab of its own. */
export const up: Part = {
  name: "up",
  lab: true,
  async measure({ quick }) {
    const kubectl = await ensureTool(kubectlSource(), { onProgress: toolProgress() });
    const peers = quick ? 10 : 50;
    const topology = ringOfPairs(peers, "own");
    const folder = scratchFolder("files");
    writeFiles(await bareObjects(planText(topology).plan, "only"), folder);
    const apply = ["apply", "--server-side", "--context", "own", "-f", folder];
    const runs = await inTurn(quick ? 1 : 3, {
      own: () =>
        withLab(
          clustersLike(topology, ["own"]),
          async (lab) => (await (await ownProgram(lab, peers)).run("dev", "up")).time,
        ),
      bare: () =>
        withLab(
          clustersLike(topology, ["bare"]),
          async (lab) => (await (await bareProgram(lab, peers)).run("dev", "up")).time,
        ),
      kubectl: () => withLab(clustersLike(topology, ["own"]), ({ env }) => timeCommand(kubectl, apply, { env })),
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
      against("a bare program with the same objects", runs.bare ?? [], undefined),
    ];
  },
};

const waits = "kubectl waits for nothing; an update waits until every BigPeer is Ready and its CA can be read";
