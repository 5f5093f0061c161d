/**
 * Leaves the environment out of the diagnostic reports that Node writes where it is told to (`--report-on-fatalerror` and the like).
 * It may hold the passphrase of the state, tokens of a forge and, in Pulumi's program, the whole configuration in plain text. Every
 * entry of this project imports this before anything else, so that a crash while the rest is loading shows nothing either.
 * JavaScript, unlike the rest, for the same reason as compile-cache.cjs.
 */
process.report.excludeEnv = true;
