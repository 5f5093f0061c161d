import { alertRules } from "../topology/monitoring/alerts.ts";
import { metrics } from "../topology/monitoring/metrics.ts";

const introduction = `# Metrics and alerts

Generated from topology/monitoring/ by \`npm run generate\`. \`bigpeer verify --every 5m --metrics :9464\` serves these metrics, \`--metrics-file\` writes them, and
\`bigpeer render --monitoring\` writes the alerts and a dashboard ([how to](how-to/watch-replications.md)).

Names and units follow the conventions of Prometheus: durations are in seconds, and points in time are Unix timestamps in seconds, so the number of days until a
CA expires is \`(bigpeer_ca_expiry_timestamp_seconds - time()) / 86400\`. Every series has the label \`topology\`, the name of the topology file without its
extension, so the series of several topologies never collide. If a value is not known, its series is absent, and never 0. There are about four series for each
direction of each link, three for each peer and two for each cluster. There is no label for collections; \`bigpeer verify\` reports which of them failed.`;

/** The text of docs/metrics.md. */
export function metricsPage(): string {
  const rows = Object.values(metrics).map(({ name, type, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${named === "" ? "-" : named} | ${help} |`;
  });
  const rules = alertRules({ topology: "dev" }).groups.flatMap((group) => group.rules);
  const alerts = rules.map(({ alert, labels, for: holds, expr, annotations }) => {
    const page = (annotations.runbook ?? "").replace(/^docs\//, "");
    const query = `\`${expr.replaceAll("|", "\\|")}\``;
    return `| \`${alert}\` | ${labels.severity} | ${query} | ${holds ?? "at once"} | [${page.replace(/^runbook\//, "")}](${page}) |`;
  });
  const parts = [
    introduction,
    "## Metrics",
    ["| metric | type | labels | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n"),
    "## Alerts",
    "The alerts of a topology named `dev`. An alert fires once its query has returned a result for the time in the fourth column.",
    ["| alert | severity | query | for | runbook |", "| --- | --- | --- | --- | --- |", ...alerts].join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}
