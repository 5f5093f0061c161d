#!/usr/bin/env node
import "../program/diagnostic-reports.cjs";
import "./prerequisites.js";
// JavaScript, so that the cache is there before Node needs its TypeScript compiler.
import "../speed/compile-cache.cjs";

await import("./bigpeer.ts");
