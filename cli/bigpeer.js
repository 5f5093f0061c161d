#!/usr/bin/env node
// JavaScript, unlike the rest: Node loads its TypeScript compiler for the first module that is not in its compile cache, and
// that takes a tenth of the time of a short command. From here on everything comes from the cache.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Where Node is told to write diagnostic reports: the environment may hold the passphrase of the state, and tokens of a forge.
process.report.excludeEnv = true;
// As program/cache-folder.ts, which is TypeScript.
const { BIGPEER_CACHE, XDG_CACHE_HOME } = process.env;
const cache = BIGPEER_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "bigpeer-topology");
enableCompileCache(join(cache, "compiled"));
await import("./bigpeer.ts");
