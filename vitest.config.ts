import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { cacheFolder } from "./program/cache-folder.ts";
import { LongestFirst } from "./test/longest-first.ts";

// Test files, labs and commands load the same modules over and over, each in a process of its own: they compile them once.
process.env.NODE_COMPILE_CACHE ??= join(cacheFolder(), "compiled");

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // The examples import this package as its users do.
        resolve: { alias: { "bigpeer-topology": join(import.meta.dirname, "components/index.ts") } },
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          pool: "forks",
          maxWorkers: 2,
          // A busy machine takes its time. What never ends, ends here.
          testTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/faults/**/*.test.ts"],
          // Each file has a lab of its own, which waits as much as it works: two at once fill two cores, more would only wait for them.
          maxWorkers: 2,
          pool: "forks",
          // What tests start is short-lived and small: with more room it ends before it has to collect much garbage, a fifth of its work.
          env: {
            GOGC: "400",
            NODE_OPTIONS: [process.env.NODE_OPTIONS, "--max-semi-space-size=64"].filter(Boolean).join(" "),
          },
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
