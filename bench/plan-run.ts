/**
 * `node bench/plan-run.ts <topology> [--warnings]`: judges a topology in a process of its own and prints what each step took, as JSON. A topology
 * with findings is refused; with `--warnings`, one with errors.
 */

import "../program/diagnostic-reports.cjs";
import { checkSource } from "../topology/check.ts";
import { readSource } from "../topology/file/source.ts";

const [file = "", warnings] = process.argv.slice(2);
const began = performance.now();
const source = readSource(file);
const parsed = performance.now();
const { plan, findings } = checkSource(source);
const judged = performance.now();
if (!plan || findings.some(({ severity }) => warnings !== "--warnings" || severity === "error"))
  throw new Error(`${file} has ${findings.length} findings: ${findings[0]?.what}`);
const { maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ parse: parsed - began, judge: judged - parsed, memory: maxRSS / 1024 }));
