import type { Metric } from "../topology/monitoring/metrics.ts";
import type { Sample } from "./samples.ts";

/** The text formats that Prometheus reads: its own, which the textfile collector takes, and OpenMetrics 1.0. */
export type Format = "prometheus" | "openmetrics";

/** For the header of an answer. */
export const contentTypes: Readonly<Record<Format, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The format that a scraper asks for; Prometheus names OpenMetrics first, and a browser neither. */
export function formatFor(accept: string | undefined): Format {
  return /application\/openmetrics-text/.test(accept ?? "") ? "openmetrics" : "prometheus";
}

/** Samples as text. Those of one metric have to follow each other. */
export function exposition(samples: readonly Sample[], format: Format): string {
  const groups = Map.groupBy(samples, ({ metric }) => metric);
  const lines = [...groups].flatMap(([metric, group]) => [...head(metric, format), ...group.map(line)]);
  return `${[...lines, ...(format === "openmetrics" ? ["# EOF"] : [])].join("\n")}\n`;
}

function head({ name, type, help }: Metric, format: Format): string[] {
  // In OpenMetrics, a family of counters is called without the suffix that its samples have.
  const family = format === "openmetrics" ? name.replace(/_total$/, "") : name;
  return [`# HELP ${family} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`, `# TYPE ${family} ${type}`];
}

function line({ metric, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return `${metric.name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
