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
      const preview = async (peers: number) => {
        const { run } = await ownProgram(lab, peers).then((own) => ({ run: () => own.run("dev", "preview") }));
        return run;
      };
      const previews = { none: await preview(none), few: await preview(few), many: await preview(many) };
      return inTurn(quick ? 1 : 3, previews);
    });
    const figure = (name: string, key: "time" | "programMemory"): Figure => {
      const values = (size: string) => (runs[size] ?? []).map((run) => run[key]);
      // What an empty preview takes belongs to neither size.
      const base = median(values("none"));
      const more = (size: string) => values(size).map((value) => value - base);
      return {
        part: "growth",
        name,
        unit: key === "time" ? "ms" : "MiB",
        subject: { name: `${4 * many} custom resources`, values: more("many") },
        floor: { name: `${4 * few} custom resources`, values: more("few") },
        bar: { ratio: many / few },
        note: `on top of what ${4 * none} custom resources take, ${base.toFixed(0)} ${key === "time" ? "ms" : "MiB"}`,
      };
    };
    return [
      figure("first preview, time", "time"),
      figure("first preview, peak memory of the program", "programMemory"),
    ];
  },
};
