/**
 * Ends the program when nobody reads its output any longer, because the engine has been killed. Otherwise Pulumi's
 * runtime reports the failed write by another write, which fails too, and never ends.
 */
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));
