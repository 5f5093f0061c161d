import { clustersLike, withLab } from "../bench-lab.ts";
import { type Figure, inTurn, median } from "../figure.ts";
import type { Part } from "../part.ts";
import { ringOfPairs } from "../topologies.ts";
import { ownProgram } from "./preview.ts";

/** Whether time and memory of a preview grow with the number of resources, and no faster: four times as many against the same. */
export const growth: Part = {
  name: "growth",
  lab: true,
  async measure({ quick }) {
    const [none, few, many] = quick ? [2, 5, 20] : [2, 25, 100];
    const clusters = clustersLike(ringOfPairs(few, "own"), ["own"]);
    const runs = await withLab(clusters, async (lab) => {
      const preview = async (peers: number, variables: NodeJS.ProcessEnv = {}) => {
        const own = await ownProgram({ ...lab, env: { ...lab.env, ...variables } }, peers);
        return () => own.run("dev", "preview");
      };
      // As `bigpeer preview` runs it.
      const lean = (peers: number) => preview(peers, { PULUMI_SKIP_CHECKPOINTS: "true" });
      const previews = { none: await preview(none), few: await preview(few), many: await preview(many) };
      const leanPreviews = { leanNone: await lean(none), leanFew: await lean(few), leanMany: await lean(many) };
      return inTurn(quick ? 1 : 3, { ...previews, ...leanPreviews });
    });
    const figure = (name: string, key: "time" | "programMemory", sizes = ["none", "few", "many"]): Figure => {
      const [noneOf = "", fewOf = "", manyOf = ""] = sizes;
      const values = (size: string) => (runs[size] ?? []).map((run) => run[key]);
      // What an empty preview takes belongs to neither size.
      const base = median(values(noneOf));
      const more = (size: string) => values(size).map((value) => value - base);
      return {
        part: "growth",
        name,
        unit: key === "time" ? "ms" : "MiB",
        subject: { name: `${4 * many} custom resources`, values: more(manyOf) },
        floor: { name: `${4 * few} custom resources`, values: more(fewOf) },
        bar: { ratio: many / few },
        note: `on top of what ${4 * none} custom resources take, ${base.toFixed(0)} ${key === "time" ? "ms" : "MiB"}`,
      };
    };
    return [
      figure("first preview, time", "time"),
      figure("first preview by `bigpeer preview`, time", "time", ["leanNone", "leanFew", "leanMany"]),
      figure("first preview, peak memory of the program", "programMemory"),
    ];
  },
};
