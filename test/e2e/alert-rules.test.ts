import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { ensureGroup } from "../../lab/tool-builds.ts";
import { prometheusSources } from "../../lab/tool-sources.ts";
import { alertRules } from "../../topology/monitoring/alerts.ts";

const directory = mkdtempSync(join(tmpdir(), "bigpeer-alerts-"));
const rulesFile = join(directory, "topology.rules.yaml");
let program: string;
beforeAll(async () => {
  program = (await ensureGroup(prometheusSources())).get("promtool") ?? "";
  writeFileSync(rulesFile, stringify(alertRules({ topology: "topology" })));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function promtool(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return { status, text: stdout + stderr };
}

test("promtool finds nothing wrong with the rules", () => {
  expect(promtool("check", "rules", "--lint=all", rulesFile)).toMatchObject({
    status: 0,
    text: expect.stringMatching(/SUCCESS: \d+ rules found/),
  });
});

describe("an alert", () => {
  const series = (name: string, value: string, labels = "") => ({
    series: `bigpeer_${name}{topology="topology"${labels === "" ? "" : `,${labels}`}}`,
    values: value.includes("x") ? value : `${value}x240`,
  });
  /** At minute 200 of a topology with which nothing is wrong, every minute a round. */
  const well = [
    series("link_consecutive_failures", "0", 'replication="blue",app="cars",from="a",to="b"'),
    series("ca_expiry_timestamp_seconds", String(400 * 86_400), 'peer="a"'),
    series("trust_problems", "0", 'peer="a"'),
    series("drifted_objects", "0", 'peer_cluster="east"'),
    series("unreadable_objects", "0", 'peer_cluster="east"'),
    series("pending_steps", "0", 'state="pending"'),
    series("pending_steps", "3", 'state="in_progress"'),
    series("stacks_readable", "1"),
    series("leftover_documents", "0"),
    series("verify_last_round_timestamp_seconds", "0+60x240"),
    series("verify_interval_seconds", "60"),
  ];
  const nameOf = (each: { series: string }) => each.series;

  test.each([
    ["none while all is well", [], []],
    [
      "none after one round that failed",
      [series("link_consecutive_failures", "1", 'replication="blue",app="cars",from="a",to="b"')],
      [],
    ],
    [
      "two rounds that failed",
      [series("link_consecutive_failures", "2", 'replication="blue",app="cars",from="a",to="b"')],
      ["BigPeerDocumentsDoNotArrive"],
    ],
    [
      "a document where nobody wants it",
      [series("link_unexpected_documents", "1", 'replication="red",app="cars",from="b",to="a"')],
      ["BigPeerDocumentsArriveUndeclared"],
    ],
    [
      "a CA that has 20 days left",
      [series("ca_expiry_timestamp_seconds", String(12_000 + 20 * 86_400), 'peer="a"')],
      ["BigPeerCaExpires"],
    ],
    [
      "a CA that has 3 days left",
      [series("ca_expiry_timestamp_seconds", String(12_000 + 3 * 86_400), 'peer="a"')],
      ["BigPeerCaExpiresSoon"],
    ],
    ["trust that is stale", [series("trust_problems", "1", 'peer="a"')], ["BigPeerTrustIsStale"]],
    ["an object that has drifted", [series("drifted_objects", "2", 'peer_cluster="east"')], ["BigPeerDrift"]],
    [
      "a cluster that cannot be read",
      [series("unreadable_objects", "9", 'peer_cluster="east"')],
      ["BigPeerClusterUnreadable"],
    ],
    ["a step that waits for somebody", [series("pending_steps", "1", 'state="pending"')], ["BigPeerPending"]],
    ["stacks that cannot be read", [series("stacks_readable", "0")], ["BigPeerStacksUnreadable"]],
    ["documents that stay", [series("leftover_documents", "1")], ["BigPeerProbesStay"]],
    [
      "rounds that no longer end",
      [series("verify_last_round_timestamp_seconds", "0+60x100 6000x140")],
      ["BigPeerVerifyDoesNotRun"],
    ],
  ])("of %s", (_, changed, expected) => {
    const names = changed.map(nameOf);
    expectFiring([...well.filter((each) => !names.includes(nameOf(each))), ...changed], expected);
  });

  test("of nothing at all, and of a cron job that no longer runs", () => {
    expectFiring([], ["BigPeerVerifyIsAbsent"]);
    const [file] = well.filter((each) => /last_round/.test(each.series));
    expectFiring([{ ...file, values: "0+60x240" }], []);
    expectFiring([{ ...file, values: "0x240" }], ["BigPeerVerifyDoesNotRun"]);
  });

  function expectFiring(input: readonly object[], alerts: readonly string[]): void {
    const file = join(directory, "alerts.test.yaml");
    const samples = alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 }));
    const expression = {
      expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
      eval_time: "200m",
      exp_samples: samples,
    };
    const tests = [{ interval: "1m", input_series: input, promql_expr_test: [expression] }];
    writeFileSync(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval: "1m", tests }));
    expect(promtool("test", "rules", file)).toMatchObject({ status: 0 });
  }
});
