import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, inTurn } from "../figure.ts";
import type { Part } from "../part.ts";
import { planInProcess } from "../plan-process.ts";
import { scratchFolder } from "../scratch.ts";
import { fleet } from "../topologies.ts";

/** What comes before the first resource, on a topology larger than any yet: does it grow with the size, and no faster? */
export const plan: Part = {
  name: "plan",
  lab: false,
  async measure({ quick }) {
    const folder = scratchFolder("plan");
    const clusters = quick ? 4 : 20;
    const judge = (clusters: number) => {
      const file = join(folder, `fleet-${clusters}.yaml`);
      writeFileSync(file, fleet(clusters));
      return () => planInProcess(file);
    };
    const { whole = [], tenth = [] } = await inTurn(quick ? 1 : 7, { whole: judge(clusters), tenth: judge(2) });
    const figure = (name: string, key: "parse" | "judge" | "memory", bar: Figure["bar"]): Figure => ({
      part: "plan",
      name,
      unit: key === "memory" ? "MiB" : "ms",
      subject: {
        name: quick ? "200 peers, 2,000 replications" : "1,000 peers, 10,000 replications",
        values: whole.map((each) => each[key]),
      },
      floor: { name: quick ? "half of them" : "a tenth of them", values: tenth.map((each) => each[key]) },
      bar,
    });
    return [
      figure("schema, rules and plan, cold process", "judge", { limit: 1000, ratio: 12 }),
      figure("reading the YAML before", "parse", { ratio: 12 }),
      figure("peak memory of the process", "memory", { ratio: 10 }),
    ];
  },
};
