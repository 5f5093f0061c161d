import { expect, test } from "vitest";
import { exposition } from "../../../watch/exposition.ts";
import { samplesOf } from "../../../watch/samples.ts";
import { afterError, afterRound, initialState, type WatchState } from "../../../watch/state.ts";
import { round } from "../../support/watched-rounds.ts";

const watched = { topology: "dev", version: "1.2.3" };
const start = initialState(300);
const blue = (from: string, to: string) => `{topology="dev",replication="blue",app="cars",from="${from}",to="${to}"}`;
const red = '{topology="dev",replication="red",app="cars",from="bp1",to="bp2"}';

/** The series of a metric after a round, each with its value. */
function series(state: WatchState, metric: string): string[] {
  const lines = exposition(samplesOf(watched, state), "prometheus").split("\n");
  return lines.filter((line) => line.startsWith(`${metric}{`)).map((line) => line.slice(metric.length));
}

test("a direction is up if every document that has to arrive has arrived, and down if one has not", () => {
  const cut = round(({ replication, to, expected }) =>
    replication === "blue" && to === "bp2" && expected === "arrives" ? { passed: false } : {},
  );
  expect(series(afterRound(start, cut), "bigpeer_link_up")).toEqual([
    `${blue("bp1", "bp2")} 0`,
    `${blue("bp2", "bp1")} 1`,
    `${red} 1`,
  ]);
});

test("a direction in which nothing has to arrive is not shown as up, since it would be up while the link is cut", () => {
  const back = '{topology="dev",replication="red",app="cars",from="bp2",to="bp1"}';
  const state = afterRound(start, round());
  expect(series(state, "bigpeer_link_up").join()).not.toContain(back);
  expect(series(state, "bigpeer_link_consecutive_failures").join()).not.toContain(back);
  expect(series(state, "bigpeer_link_unexpected_documents")).toEqual([`${back} 0`]);
});

test("a document that arrives where it must not is counted, and one that could not be sent says nothing", () => {
  const leak = round(({ expected }) => (expected === "stays away" ? { passed: false, arrived: true } : {}));
  expect(series(afterRound(start, leak), "bigpeer_link_unexpected_documents")).toEqual([
    '{topology="dev",replication="red",app="cars",from="bp2",to="bp1"} 1',
  ]);
  const unreachable = round(({ expected }) => (expected === "stays away" ? { passed: false } : {}));
  expect(series(afterRound(start, unreachable), "bigpeer_link_unexpected_documents")).toEqual([]);
});

test("the time of a document is in seconds, and a document that has not arrived has none", () => {
  const slow = round(({ replication, to }) => (replication === "blue" && to === "bp1" ? { milliseconds: 2345 } : {}));
  const cut = round(({ replication }) => (replication === "blue" ? { passed: false, milliseconds: 30_000 } : {}));
  expect(series(afterRound(start, slow), "bigpeer_link_document_seconds")).toEqual([
    `${blue("bp1", "bp2")} 0.1`,
    `${blue("bp2", "bp1")} 2.345`,
    `${red} 0.1`,
  ]);
  expect(series(afterRound(start, cut), "bigpeer_link_document_seconds")).toEqual([`${red} 0.1`]);
});

test("failures are counted in a row, and end with a round in which all arrives", () => {
  const cut = round(({ replication, to }) => ({ passed: !(replication === "blue" && to === "bp2") }));
  const twice = afterRound(afterRound(start, cut), cut);
  expect(series(twice, "bigpeer_link_consecutive_failures")[0]).toBe(`${blue("bp1", "bp2")} 2`);
  // Nobody has looked in a round that could not be carried out.
  expect(series(afterRound(afterError(twice), cut), "bigpeer_link_consecutive_failures")[0]).toMatch(/ 3$/);
  expect(series(afterRound(twice, round()), "bigpeer_link_consecutive_failures")[0]).toMatch(/ 0$/);
});

test("what was seen is kept through a round that could not be carried out, with the time at which it was seen", () => {
  const state = afterError(afterRound(start, round()));
  expect(series(state, "bigpeer_link_up")).toHaveLength(3);
  expect(series(state, "bigpeer_verify_last_round_timestamp_seconds")).toEqual(['{topology="dev"} 1795694400']);
  expect(series(state, "bigpeer_verify_rounds_total")).toEqual([
    '{topology="dev",result="passed"} 1',
    '{topology="dev",result="failed"} 0',
    '{topology="dev",result="error"} 1',
  ]);
});

test("before the first round has ended there is nothing but the interval, the version and rounds at 0", () => {
  const names = exposition(samplesOf(watched, start), "prometheus").match(/^[a-z]\w+/gm);
  expect([...new Set(names)]).toEqual([
    "bigpeer_verify_rounds_total",
    "bigpeer_verify_interval_seconds",
    "bigpeer_build_info",
  ]);
});

test("a CA has the moment at which it expires, and trust the number of what is wrong, also where that is nothing", () => {
  const expires = new Date("2027-01-01T00:00:00Z");
  const problem = { truster: "bp1", trusted: "bp2", what: "does not trust bp2", mend: "pulumi up" };
  const state = afterRound(
    start,
    round(undefined, { report: { authorities: [{ peer: "bp2", expires }], trust: [problem] } }),
  );
  expect(series(state, "bigpeer_ca_expiry_timestamp_seconds")).toEqual(['{topology="dev",peer="bp2"} 1798761600']);
  expect(series(state, "bigpeer_trust_problems")).toEqual([
    '{topology="dev",peer="bp1"} 1',
    '{topology="dev",peer="bp2"} 0',
  ]);
});

test("what waits for somebody is told from what ends by itself, and from what nobody can read", () => {
  const step = { what: "trust of bp2", reason: "there is none", next: "pulumi up" };
  const pending = (of: ReturnType<typeof round>["pending"]) => {
    const state = afterRound(start, round(undefined, { pending: of }));
    return [...series(state, "bigpeer_pending_steps"), ...series(state, "bigpeer_stacks_readable")];
  };
  expect(pending([step, step, { ...step, until: "2027-01-01T00:00:00Z" }])).toEqual([
    '{topology="dev",state="pending"} 2',
    '{topology="dev",state="in_progress"} 1',
    '{topology="dev"} 1',
  ]);
  expect(pending({ unreadable: "no backend" })).toEqual(['{topology="dev"} 0']);
  expect(pending(undefined)).toEqual([]);
});

test("OpenMetrics has the family of a counter without its suffix, and an end", () => {
  const text = exposition(samplesOf(watched, start), "openmetrics");
  expect(text).toContain("# TYPE bigpeer_verify_rounds counter\n");
  expect(text).toContain('bigpeer_verify_rounds_total{topology="dev",result="passed"} 0\n');
  expect(text.endsWith("\n# EOF\n")).toBe(true);
  expect(exposition(samplesOf(watched, start), "prometheus")).toContain("# TYPE bigpeer_verify_rounds_total counter\n");
});

test("a name with a quote, a backslash or a line break stays one value of a label", () => {
  const metric = { name: "m", type: "gauge", help: "One\nline.", labels: ["name"] } as const;
  expect(exposition([{ metric, labels: { name: 'a "b" \\ c\nd' }, value: 1 }], "prometheus")).toBe(
    '# HELP m One\\nline.\n# TYPE m gauge\nm{name="a \\"b\\" \\\\ c\\nd"} 1\n',
  );
});
