import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { manyReplications } from "../../test/support/large-topologies.ts";
import { inTurn } from "../figure.ts";
import type { Part } from "../part.ts";
import { scratchFolder, timeCommand } from "../scratch.ts";

/** What a pull request waits for, in a process of its own: both files are read and judged, too. */
export const diff: Part = {
  name: "diff",
  lab: false,
  async measure({ quick }) {
    const folder = scratchFolder("diff");
    const [base, head] = [join(folder, "base.yaml"), join(folder, "head.yaml")];
    const peers = quick ? 40 : 200;
    const topology = manyReplications(peers, 10 * peers);
    writeFileSync(base, topology);
    // Every tenth query, so that there is something to say and not only that nothing changes.
    writeFileSync(head, topology.replaceAll(/part = (\d*7)"/g, 'part = $1 AND open = true"'));
    const command = join(import.meta.dirname, "..", "..", "cli", "bigpeer.js");
    const runs = {
      diff: () => timeCommand(process.execPath, [command, "diff", base, head]),
      check: () => timeCommand(process.execPath, [command, "check", head]),
    };
    // The first run of a release fills Node's compile cache.
    await runs.diff();
    const { diff = [], check = [] } = await inTurn(quick ? 1 : 15, runs);
    return [
      {
        part: "diff",
        name: "`diff`, cold process",
        unit: "ms",
        subject: { name: `${peers} peers, ${(10 * peers).toLocaleString("en")} replications`, values: diff },
        floor: { name: "`check` of one of the two files", values: check },
        bar: { limit: 1000 },
      },
    ];
  },
};
