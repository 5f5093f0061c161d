import { type Metric, metrics } from "./metrics.ts";

/** A Grafana dashboard as a plain object. `schemaVersion` 39 is read by Grafana 10.4 and later. */
export interface Dashboard {
  readonly description: string;
  readonly title: string;
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly [key: string]: unknown;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly [key: string]: unknown }[];
  readonly [key: string]: unknown;
}

const datasource = { type: "prometheus", uid: "$datasource" };
const ofLink = ['replication=~"$replication"'];
const wayOfDocuments = "{{replication}}: {{from}} → {{to}}";

function of({ name }: Metric, ...matchers: string[]): string {
  return `${name}{${['topology=~"$topology"', ...matchers].join(",")}}`;
}

/** A number with a colour: green at 0, and red or yellow from 1 on. */
function count(title: string, expr: string, bad: "red" | "yellow", description: string) {
  return {
    ...{ type: "stat", title, description, expr, width: 4, height: 4, unit: "none" },
    steps: [
      { color: "green", value: null },
      { color: bad, value: 1 },
    ],
    instant: true,
  };
}

const day = 86_400;

const panels = [
  count(
    "Links down",
    `count(${of(metrics.linkUp, ...ofLink)} == 0) or vector(0)`,
    "red",
    "Directions of links in which a probe document of the last round did not arrive.",
  ),
  count(
    "Unexpected documents",
    `sum(${of(metrics.linkUnexpected, ...ofLink)}) or vector(0)`,
    "red",
    "Probe documents that arrived where nobody subscribes to them.",
  ),
  count(
    "Stale trust",
    `sum(${of(metrics.trustProblems)})`,
    "yellow",
    "Pairs of peers in which one does not trust the certificates of the other.",
  ),
  count(
    "Drifted objects",
    `sum(${of(metrics.drifted)})`,
    "yellow",
    "Objects that are not as the topology declares them.",
  ),
  count(
    "Pending steps",
    `sum(${of(metrics.pending, 'state="pending"')})`,
    "yellow",
    "Steps of the stacks that wait for somebody. No data if the topology has no stacks there.",
  ),
  {
    ...{ type: "stat", title: "Since the last round", width: 4, height: 4, unit: "s", instant: true },
    description: "Everything on this dashboard is that old.",
    expr: `time() - max(${of(metrics.lastRound)})`,
    steps: [
      { color: "green", value: null },
      { color: "yellow", value: 900 },
      { color: "red", value: 3600 },
    ],
  },
  {
    ...{ type: "state-timeline", title: "Links", width: 24, height: 10, unit: "none", legend: wayOfDocuments },
    description: "Whether the probe documents arrived, for each direction of each link.",
    expr: of(metrics.linkUp, ...ofLink),
    steps: [
      { color: "red", value: null },
      { color: "green", value: 1 },
    ],
    mappings: [{ type: "value", options: { 0: { text: "down", index: 0 }, 1: { text: "up", index: 1 } } }],
  },
  {
    ...{ type: "timeseries", title: "Time of the slowest document", width: 12, height: 9, unit: "s" },
    description: "From the write to the arrival. A gap is a round in which no document arrived.",
    expr: of(metrics.linkDocument, ...ofLink),
    legend: wayOfDocuments,
    steps: [{ color: "green", value: null }],
  },
  {
    ...{ type: "timeseries", title: "Rounds in a row that failed", width: 12, height: 9, unit: "none" },
    description: "By direction. An alert fires at 2.",
    expr: `${of(metrics.linkFailures, ...ofLink)} > 0`,
    legend: wayOfDocuments,
    steps: [{ color: "red", value: null }],
  },
  {
    ...{ type: "bargauge", title: "Until the CA expires", width: 12, height: 9, unit: "s", legend: "{{peer}}" },
    description: "For each peer; alerts fire at 30 and at 7 days.",
    expr: `sort(${of(metrics.caExpiry)} - time())`,
    instant: true,
    steps: [
      { color: "red", value: null },
      { color: "yellow", value: 7 * day },
      { color: "green", value: 30 * day },
    ],
  },
  {
    ...{ type: "timeseries", title: "Objects not as declared, by cluster", width: 12, height: 9, unit: "none" },
    description: "Drifted objects, and those that could not be read.",
    expr: of(metrics.drifted),
    legend: "{{peer_cluster}}: drifted",
    more: [{ expr: `${of(metrics.unreadable)} > 0`, legend: "{{peer_cluster}}: not readable" }],
    steps: [{ color: "green", value: null }],
  },
] as const;

const columns = 24;

/** A dashboard of every topology that is watched, with a variable for the topology, the replication and the data source. */
export function dashboard(description: string): Dashboard {
  let [x, y, rowHeight] = [0, 0, 0];
  const placed = panels.map((panel, index): Panel => {
    const { type, title, description: about, width: w, height: h, unit, expr, steps } = panel;
    if (x + w > columns) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w, h };
    [x, rowHeight] = [x + w, Math.max(rowHeight, h)];
    const legend = "legend" in panel ? panel.legend : undefined;
    const queries = [{ expr, legend }, ...("more" in panel ? panel.more : [])];
    const instant = "instant" in panel;
    return {
      ...{ id: index + 1, type, title, description: about, datasource, gridPos },
      targets: queries.map((query, at) => ({
        refId: String.fromCharCode(65 + at),
        datasource,
        expr: query.expr,
        ...(query.legend === undefined ? {} : { legendFormat: query.legend }),
        ...(instant ? { instant: true, range: false } : {}),
      })),
      fieldConfig: {
        defaults: {
          unit,
          thresholds: { mode: "absolute", steps },
          color: { mode: type === "timeseries" ? "palette-classic" : "thresholds" },
          ...("mappings" in panel ? { mappings: panel.mappings } : {}),
        },
        overrides: [],
      },
      options: type === "bargauge" ? { orientation: "horizontal" } : {},
    };
  });
  return {
    description,
    title: "Big Peer topology",
    uid: "bigpeer-topology",
    tags: ["bigpeer"],
    timezone: "browser",
    schemaVersion: 39,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
        variable("topology", "Topology", `label_values(${metrics.buildInfo.name}, topology)`),
        variable("replication", "Replication", `label_values(${of(metrics.linkUp)}, replication)`),
      ],
    },
    panels: placed,
  };
}

function variable(name: string, label: string, query: string) {
  return {
    ...{ name, label, type: "query", datasource, definition: query, query: { query, refId: name } },
    ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: ".*" },
    current: { text: "All", value: "$__all" },
  };
}
