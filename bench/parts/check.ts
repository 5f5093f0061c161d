import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTurn } from "../figure.ts";
import type { Part } from "../part.ts";
import { scratchFolder, timeCommand } from "../scratch.ts";
import { ringOfPairs } from "../topologies.ts";

/** What an editor or a commit hook waits for. */
export const check: Part = {
  name: "check",
  lab: false,
  async measure({ quick, installed }) {
    const file = join(scratchFolder("check"), "topology.yaml");
    writeFileSync(file, ringOfPairs(100, "only"));
    const command = installed
      ? join(installed, "node_modules/bigpeer-topology/cli/bigpeer.js")
      : join(import.meta.dirname, "..", "..", "cli", "bigpeer.js");
    const runs = {
      check: () => timeCommand(process.execPath, [command, "check", file]),
      nothing: () => timeCommand(process.execPath, ["-e", "0"]),
    };
    // The first run of a release fills Node's compile cache.
    await runs.check();
    const { check = [], nothing = [] } = await inTurn(quick ? 1 : 15, runs);
    return [
      {
        part: "check",
        name: "`check`, cold process",
        unit: "ms",
        subject: { name: "100 peers, 100 replications", values: check },
        floor: { name: "node -e 0", values: nothing },
        bar: { limit: 300 },
      },
    ];
  },
};
