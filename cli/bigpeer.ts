#!/usr/bin/env node
// Before anything else is loaded.
import "../program/diagnostic-reports.cjs";
import "../speed/compile-cache.cjs";

// Not until the cache is there.
const { endWithReader } = await import("./closed-pipe.ts");
const { exitCodeOf } = await import("./exit-code.ts");
const { commandLine } = await import("./usage/command-line.ts");

endWithReader();
try {
  const program = await commandLine(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
