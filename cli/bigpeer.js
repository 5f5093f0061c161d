#!/usr/bin/env node
import "./prerequisites.js";
// JavaScript, so that the cache is there before Node needs its TypeScript compiler.
import "../program/compile-cache.cjs";

// Where Node is told to write diagnostic reports: the environment may hold the passphrase of the state, and tokens of a forge.
process.report.excludeEnv = true;
await import("./bigpeer.ts");
