import type { RuleDescription } from "../findings/rule-description.ts";

const schema = "topology.schema.json";
const yaml = "YAML 1.2";

/** The rules that apply while the file is read. A finding of one of them keeps the rules that look at the whole from running. */
export const reading = {
  unreadable: {
    id: "unreadable",
    severity: "error",
    summary:
      "The file cannot be read, is not UTF-8 text, or is too large, nested too deeply, or full of multiplying aliases.",
    why: "without a topology there is nothing to plan",
    source: "our own bounds: 4 MiB, 64 levels, 100 uses of one anchor",
    ignorable: false,
  },
  notYaml: {
    id: "not-yaml",
    severity: "error",
    summary: "The file is not valid YAML.",
    why: "nothing in the file can be trusted until it parses",
    source: yaml,
    ignorable: false,
  },
  duplicateName: {
    id: "duplicate-name",
    severity: "error",
    summary: "One mapping has a key twice: two peers with the same name, or a setting written twice.",
    why: "YAML keeps only one of the two, so half of what is written would be lost, and nothing reports it",
    source: yaml,
    ignorable: false,
  },
  unknownKey: {
    id: "unknown-key",
    severity: "error",
    summary: "A key that a topology does not have.",
    why: "it would be ignored, and what you mean by it would not happen",
    source: schema,
    ignorable: false,
  },
  missingKey: {
    id: "missing-key",
    severity: "error",
    summary: "A key that has no default is missing.",
    why: "it has no default, and nothing can be created without it",
    source: schema,
    ignorable: false,
  },
  wrongType: {
    id: "wrong-type",
    severity: "error",
    summary: "A value has a different type than its key requires.",
    why: "it cannot be understood, so nothing can be planned",
    source: schema,
    ignorable: false,
  },
  badValue: {
    id: "bad-value",
    severity: "error",
    summary:
      "A value has the right type, but is not valid: a port of 70000, a version of 1.63, a range without an end.",
    why: "the operator or the API server would refuse it",
    source: schema,
    ignorable: false,
  },
  appId: {
    id: "app-id",
    severity: "error",
    summary: "An app's ID is not a UUID.",
    why: "the operator refuses the app, and both ends of a replication must name the same ID",
    source: "API: spec.appId is a UUID",
    ignorable: false,
  },
  emptyQuery: {
    id: "empty-query",
    severity: "error",
    summary: "A collection has an empty query, or an empty list of queries.",
    why: "an empty predicate subscribes to nothing, so nothing would flow and nothing would report it",
    source: "API: empty or absent queriesByCollection subscribes to nothing",
    ignorable: false,
  },
  wrongInclude: {
    id: "wrong-include",
    severity: "error",
    summary:
      "A file is included in a cycle or twice, or lies outside the repository, or a folder contains no topology file.",
    why: "it would be unclear which files make up the topology",
    source: "our own: one topology may be several files of one repository",
    ignorable: false,
  },
  setTwice: {
    id: "set-twice",
    severity: "error",
    summary: "Two files set the same key of the topology, or two defaults that apply to one entry set the same value.",
    why: "neither takes precedence, so it would be a guess which one applies",
    source: "our own: defaults have no order among themselves, nor do files",
    ignorable: false,
  },
  siteTable: {
    id: "site-table",
    severity: "error",
    summary: "The table of a family of sites is missing, is not valid, or has a row with too many or too few values.",
    why: "a value in the wrong column would become another site's name, port or filter",
    source: "RFC 4180 for CSV; YAML 1.2",
    ignorable: false,
  },
  siteValue: {
    id: "site-value",
    severity: "error",
    summary: "A placeholder has no value, or its value is not allowed where the placeholder stands.",
    why: "the result would be a different query, host or name than you mean",
    source: "DQL: strings in single quotes, names in double quotes; RFC 1123 for host names",
    ignorable: false,
  },
  emptySelection: {
    id: "empty-selection",
    severity: "error",
    summary: "Members are chosen by labels that no peer has, and that look misspelt, or an app has no peer at all.",
    why: "nobody would take part, and nothing would flow",
    source: "our own: members may be chosen by their labels",
    ignorable: false,
  },
  emptyForNow: {
    id: "empty-for-now",
    severity: "warning",
    summary: "Members are chosen by labels that no peer has yet, such as the spokes of a hub before its first shop.",
    why: "a replication without spokes, or a mesh of one, is left out until there are enough peers",
    source: "our own: members may be chosen by their labels, and come later",
    ignorable: true,
  },
  ignoreComment: {
    id: "ignore-comment",
    severity: "error",
    summary: "A `bigpeer-ignore` comment without a reason, or with a rule that does not exist or cannot be suppressed.",
    why: "a mistake that is suppressed without a reason goes unnoticed again",
    source: "our own: every exception has a reason that a reviewer can read",
    ignorable: false,
  },
  unusedIgnore: {
    id: "unused-ignore",
    severity: "warning",
    summary: "A `bigpeer-ignore` comment with nothing to suppress.",
    why: "a comment that suppresses nothing would hide the next mistake of that kind",
    source: "our own: every exception has a reason that a reviewer can read",
    ignorable: false,
  },
} as const satisfies Readonly<Record<string, RuleDescription>>;

export const readingRules: readonly RuleDescription[] = Object.values(reading);
