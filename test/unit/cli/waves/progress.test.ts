import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { type DeployEvent, deployEvent } from "../../../../cli/progress/deploy-events.ts";
import { JsonLines } from "../../../../cli/progress/json-lines.ts";
import { lineOf, wavesText } from "../../../../cli/progress/plain-lines.ts";
import { StackTable } from "../../../../cli/progress/stack-table.ts";
import { TerminalProgress } from "../../../../cli/progress/terminal.ts";

const wave = "europe";
const events: readonly DeployEvent[] = [
  { event: "waves", waves: [{ name: wave, stacks: ["oslo", "rome"], rest: false }] },
  { event: "wave", wave, state: "started", stacks: ["oslo"] },
  { event: "finding", wave, stack: "oslo", severity: "warning", rule: "live", text: "warning of oslo" },
  { event: "stack", wave, stack: "oslo", state: "running", pass: 1 },
  { event: "waiting", wave, stack: "oslo", steps: ["create BigPeer oslo", "create BigPeerApp cars-oslo"] },
  { event: "resource", wave, stack: "oslo", text: "create BigPeer oslo" },
  { event: "warning", wave, stack: "oslo", text: "pending: trust of rome" },
  { event: "stack", wave, stack: "oslo", state: "done", pass: 1, changes: 2, milliseconds: 8000, pending: [] },
  { event: "verify", wave, state: "started", probes: 4, ended: 0, failed: 0 },
  { event: "verify", wave, state: "failed", probes: 4, ended: 4, failed: 1 },
  { event: "wave", wave, state: "failed", at: "verify" },
];

test("events for machines are one JSON object a line, each as the schema says, the report last", () => {
  const lines: string[] = [];
  const progress = new JsonLines(
    (line) => lines.push(line),
    () => new Date(0),
  );
  for (const event of events) progress.on(event);
  progress.end({ done: false });
  const parsed = lines.map((line) => deployEvent.parse(JSON.parse(line)));
  expect(parsed).toHaveLength(events.length + 1);
  expect(parsed.at(-1)).toEqual({ version: 1, time: "1970-01-01T00:00:00.000Z", event: "end", done: false });
});

test("a log has a line for each resource, warning and finding, and the outcome of each verification", () => {
  const lines = events.flatMap((event) => lineOf(event) ?? []).map(stripVTControlCharacters);
  expect(lines).toEqual([
    "1 wave:\n  1. europe  2 stacks: oslo, rome",
    "wave europe",
    "oslo  warning of oslo",
    "oslo  create BigPeer oslo",
    "oslo  pending: trust of rome",
    "verify of wave europe: 4 probes",
    "verify of wave europe failed: 1 of 4 probes",
  ]);
});

test("a wave of many stacks names some, and one that is empty or the rest says so", () => {
  const many = Array.from({ length: 12 }, (_, index) => `s${index}`);
  const text = wavesText([
    { name: "canary", stacks: [], rest: false },
    { name: "the rest", stacks: many, rest: true },
  ]);
  expect(stripVTControlCharacters(text)).toBe(
    "2 waves:\n  1. canary  no stack is left for it\n  2. the rest  12 stacks: s0, s1, s2, s3, s4, s5, s6, s7, …  (no wave of the topology selects them)",
  );
});

describe("on a terminal", () => {
  const size = { columns: 100, rows: 24 };
  const shown = (table: StackTable, now: number, of = size) => table.lines(of, now).map(stripVTControlCharacters);
  const started = (stack: string): DeployEvent => ({ event: "stack", stack, state: "running", pass: 1 });

  test("each stack has a line with its state and what it waits for, and the first that ends gives an estimate", () => {
    const table = new StackTable(1);
    table.begin("wave europe", ["oslo", "rome", "bern"]);
    table.on(started("oslo"), 0);
    table.on({ event: "waiting", stack: "oslo", steps: ["create BigPeer oslo", "create BigPeerApp cars-oslo"] }, 1000);
    expect(shown(table, 3000)).toEqual([
      "wave europe  0 of 3 stacks done",
      "  ● oslo  3 s  waits for: create BigPeer oslo and 1 more",
      "  · rome  waits for its turn",
      "  · bern  waits for its turn",
    ]);
    table.on({ event: "stack", stack: "oslo", state: "done", pass: 1, changes: 2, milliseconds: 8000 }, 8000);
    table.on(started("rome"), 8000);
    expect(shown(table, 10_000)).toEqual([
      "wave europe  1 of 3 stacks done  about 14 s left",
      "  ✓ oslo  2 changes  8 s",
      "  ● rome  2 s  started",
      "  · bern  waits for its turn",
    ]);
    table.on(
      { event: "stack", stack: "rome", state: "failed", pass: 1, error: "no\nreally", milliseconds: 1000 },
      11_000,
    );
    expect(shown(table, 11_000).slice(0, 3)).toEqual([
      "wave europe  1 of 3 stacks done, 1 failed  about 5 s left",
      "  ✓ oslo  2 changes  8 s",
      "  ✗ rome  no  1 s",
    ]);
  });

  test("where nothing is updated and only verified, one line says how far that is", () => {
    const table = new StackTable(1);
    table.begin("wave europe", []);
    expect(shown(table, 0)).toEqual([]);
    table.on({ event: "verify", wave, state: "running", probes: 4, ended: 2, failed: 1 }, 0);
    expect(shown(table, 0)).toEqual(["wave europe  verify: 2 of 4 probes ended, 1 failed"]);
  });

  test("where there are more stacks than lines, what fails and runs comes first, and no line is too long", () => {
    const table = new StackTable(2);
    table.begin(
      "wave all",
      Array.from({ length: 200 }, (_, index) => `shop-${index}`),
    );
    table.on(started("shop-150"), 0);
    const lines = shown(table, 1000, { columns: 30, rows: 10 });
    expect(lines).toEqual([
      "wave all  0 of 200 stacks done",
      "  ● shop-150  1 s  started",
      ...[0, 1, 2, 3, 4].map((index) => `  · shop-${index}    waits for its t…`),
      "  and 194 more",
    ]);
  });

  test("what stays is printed above the lines, which are drawn again in their place, and gone at the end", () => {
    let text = "";
    const terminal = { ...size, write: (more: string) => (text += more) };
    const progress = new TerminalProgress(terminal, 2, () => 0);
    for (const event of events) progress.on(event);
    progress.stop();
    const screen = screenAfter(text);
    expect(screen).toEqual([
      "1 wave:",
      "  1. europe  2 stacks: oslo, rome",
      "oslo  warning of oslo",
      "oslo  pending: trust of rome",
      "verify of wave europe: 4 probes",
      "verify of wave europe failed: 1 of 4 probes",
    ]);
  });
});

const escapeCode = String.fromCharCode(27);

/** The lines of a terminal after a text that only goes up and clears from there. */
function screenAfter(text: string): string[] {
  const lines: string[] = [];
  for (const part of text.replaceAll(`${escapeCode}[J`, "").split(new RegExp(`(?=${escapeCode}\\[\\d+A)`))) {
    const up = part.startsWith(escapeCode) ? Number.parseInt(part.slice(2), 10) || 0 : 0;
    lines.splice(lines.length - up, up);
    lines.push(...stripVTControlCharacters(part).split("\n").slice(0, -1));
  }
  return lines;
}
