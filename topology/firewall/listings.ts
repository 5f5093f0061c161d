import { count } from "../../report/words.ts";
import type { FirewallEnd, FirewallRule } from "./firewall-rules.ts";

/** Said where a host is not known yet. */
const knownLater = "known after the deployment";

/** The columns of the CSV, each with its value. Names stay as they are: sheets and scripts read them. */
const columns: readonly (readonly [name: string, value: (rule: FirewallRule) => string | number])[] = [
  ["cluster", ({ cluster }) => cluster],
  ["direction", ({ direction }) => direction],
  ["scope", ({ scope }) => scope],
  ["protocol", () => "TCP"],
  ["from_cluster", ({ from }) => from?.cluster ?? ""],
  ["from_namespace", ({ from }) => from?.namespace ?? ""],
  ["from_peer", ({ from }) => from?.peer ?? ""],
  ["host", ({ to: { host } }) => host ?? knownLater],
  ["port", ({ to: { port } }) => port],
  ["target_cluster", ({ target }) => target?.cluster ?? ""],
  ["target_namespace", ({ target }) => target?.namespace ?? ""],
  ["target_peer", ({ target }) => target?.peer ?? ""],
  ["via", ({ via }) => via ?? ""],
  ["leads_to", ({ leadsTo }) => leadsTo ?? ""],
  ["dialled", ({ dialled }) => String(dialled)],
  ["entry", ({ entry }) => entry],
  ["why", ({ why }) => why],
];

/** The rules as CSV (RFC 4180), with a line of names first. */
export function firewallCsv(rules: readonly FirewallRule[]): string {
  const lines = [columns.map(([name]) => name), ...rules.map((rule) => columns.map(([, value]) => value(rule)))];
  return lines.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

/** A spreadsheet calculates what begins like a formula. */
function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rules for a terminal: a heading for each cluster and direction, and a line for each connection with its reason below. */
export function firewallText(rules: readonly FirewallRule[]): string {
  const groups = Map.groupBy(rules, ({ cluster, direction }) => `${cluster}, ${direction}`);
  const sections = [...groups].map(([heading, group]) => [heading, ...group.flatMap(ruleText)].join("\n"));
  const unknown = rules.filter(({ to: { host } }) => host === undefined).length;
  const closing = unknown === 0 ? [] : [`${unknown} with a host that is ${knownLater}`];
  return [...sections, [`${count(rules.length, "rule")}, all TCP`, ...closing].join(", ")].join("\n\n");
}

function ruleText({ cluster, direction, from, to, via, leadsTo, entry, why }: FirewallRule): string[] {
  const who = from === undefined ? "clients" : endText(from, direction === "egress" ? cluster : undefined);
  const host = to.host === undefined ? `<${knownLater}>` : to.host;
  const way =
    direction === "ingress" && via !== undefined ? [`      via ${via}${leadsTo ? `, to ${leadsTo}` : ""}`] : [];
  return [`  ${who} -> ${host}:${to.port}`, `      ${entry}: ${why}`, ...way];
}

function endText({ cluster, namespace, peer }: FirewallEnd, own: string | undefined): string {
  return cluster === own ? `${namespace}/${peer}` : `${cluster}/${namespace}/${peer}`;
}
