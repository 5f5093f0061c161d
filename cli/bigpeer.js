#!/usr/bin/env node
import "../program/diagnostic-reports.cjs";
import "./prerequisites.js";
// JavaScript, so that the cache is there before Node needs its TypeScript compiler.
import "../speed/compile-cache.cjs";
import { existsSync } from "node:fs";

// An installed package has no sources beside it.
await import(existsSync(new URL("./bigpeer.ts", import.meta.url)) ? "./bigpeer.ts" : "../dist/cli/bigpeer.js");
