/**
 * Turns Node's compile cache on: compiling what they load is a good part of the time of short commands, and of each run of the engine.
 * JavaScript, unlike the rest: Node loads its TypeScript compiler for the first module that is not in the cache.
 */
const { enableCompileCache } = require("node:module");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");

// As program/cache-folder.ts, which is TypeScript.
const { BIGPEER_CACHE, XDG_CACHE_HOME } = process.env;
const folder = BIGPEER_CACHE
  ? resolve(BIGPEER_CACHE)
  : join(XDG_CACHE_HOME || join(homedir(), ".cache"), "bigpeer-topology");
enableCompileCache?.(join(folder, "compiled"));
