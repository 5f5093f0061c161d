/**
 * Ends the program when nobody reads what it prints: the engine has been killed. Pulumi's runtime would report the failed write by another
 * one, without end.
 */
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));
