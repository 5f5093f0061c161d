import { type Item, line, type Mark, type Section } from "../report/sections.ts";
import { count, names, patchWords, valueText } from "../report/words.ts";
import { isUnexplained } from "./fold.ts";
import type { PreviewReport, PreviewStep } from "./schema.ts";

/** The report in the order of what a reviewer asks: what is not of this change, what cannot be previewed, what happens. */
export function sectionsOf({ steps, stacks, notBegun }: PreviewReport): Section[] {
  const explained = steps.filter((step) => !isUnexplained(step));
  const groups = Map.groupBy(explained, placeOfSection(explained));
  return [
    {
      title: "Not explained by the topology",
      noun: "step",
      size: steps.length - explained.length,
      items: unexplainedItems(steps.filter(isUnexplained)),
    },
    {
      title: "Failed",
      noun: "stack",
      items: stacks.flatMap(({ stack, error }) => (error === undefined ? [] : [failed(stack, error)])),
    },
    {
      title: "Not started",
      noun: "stack",
      items: notBegun.map((stack) => ({
        lines: [line(" ", `${stack}: another stack had failed; \`--keep-going\` previews it anyway`)],
      })),
    },
    {
      title: "Taken over from somebody else",
      noun: "object",
      items: stacks.flatMap(({ stack, takenOver = [] }) =>
        takenOver.map((text) => ({ lines: [line("!", `${stack}: ${text}`)] })),
      ),
    },
    warningSection(stacks),
    ...Object.values(titles).flatMap((title) =>
      [...groups].filter(([group]) => group === title || group.startsWith(`${title} in `)).map(section),
    ),
    pendingSection(stacks),
  ].filter(({ items }) => items.length > 0);
}

/** Steps of one part that do the same in at least this many places, of more than one cluster, are told once. */
const leastAlike = 3;

/** The title under which a step stands: its part and its cluster, or the number of clusters where the same happens. */
function placeOfSection(steps: readonly PreviewStep[]): (step: PreviewStep) => string {
  const clustersOf = (all: readonly PreviewStep[]) => new Set(all.map(({ cluster }) => cluster)).size;
  const alike = [...Map.groupBy(steps, alikeText).values()].filter(
    (group) => group.length >= leastAlike && clustersOf(group) > 1,
  );
  const shared = new Set(alike.flat());
  const inClusters = new Map(
    [...Map.groupBy(shared, ({ part }) => part)].map(([part, group]) => [part, clustersOf(group)]),
  );
  return (step) => {
    const { part, cluster } = step;
    if (shared.has(step) && part !== "clusters") return `${titles[part]} in ${inClusters.get(part)} clusters`;
    return `${titles[part]}${cluster === "" || part === "clusters" ? "" : ` in ${cluster}`}`;
  };
}

function alikeText({ part, action, kind, patch, fields, unknown }: PreviewStep): string {
  return JSON.stringify([part, action, kind, patch, fields, unknown]);
}

function pendingSection(stacks: PreviewReport["stacks"]): Section {
  return { title: "Pending", noun: "item", ...saidByStacks(stacks, " ", ({ pending }) => pending) };
}

function warningSection(stacks: PreviewReport["stacks"]): Section {
  return { title: "Warnings", noun: "warning", ...saidByStacks(stacks, "!", ({ warnings = [] }) => warnings) };
}

/** What stacks say, once for all that say the same. */
function saidByStacks(
  stacks: PreviewReport["stacks"],
  mark: Mark,
  textsOf: (stack: PreviewReport["stacks"][number]) => readonly string[],
): Pick<Section, "size" | "items"> {
  const all = stacks.flatMap((each) => textsOf(each).map((text) => ({ stack: each.stack, text })));
  const items = [...Map.groupBy(all, ({ text }) => text)].map(([text, group]) => ({
    lines: [line(mark, `${names(group.map(({ stack }) => stack))}: ${text}`)],
  }));
  return { size: all.length, items };
}

/** Steps in a few words, by cause: for the list of those that need a second look. */
export function causeSentences(steps: readonly PreviewStep[]): string[] {
  return [...byCause(steps)].map(([reason, group]) => {
    const [first] = group;
    if (first && group.length === 1) return `${first.stack}: ${whatOf(first)}: ${reason}`;
    const stacks = [...new Set(group.map(({ stack }) => stack))];
    return `${count(group.length, "step")} of ${names(stacks)} (${names(group.map(whatOf))}): ${reason}`;
  });
}

function byCause(steps: readonly PreviewStep[]): Map<string, PreviewStep[]> {
  return Map.groupBy(steps, reasonOf);
}

const titles: Readonly<Record<PreviewStep["part"], string>> = {
  clusters: "Clusters",
  peers: "Peers",
  apps: "Apps",
  replications: "Replications",
  trust: "Trust",
  exposures: "Exposed ports",
  generated: "Generated IDs and tokens",
  others: "Other resources",
};

function section([title, steps]: [string, PreviewStep[]]): Section {
  return { title, noun: "step", size: steps.length, items: alikeItems(steps) };
}

function alikeItems(steps: readonly PreviewStep[]): Item[] {
  return [...Map.groupBy(steps, alikeText).values()].flatMap(alikeItem);
}

/** Steps that do the same to several objects are one item. */
function alikeItem(group: readonly PreviewStep[]): Item[] {
  const [first] = group;
  if (!first) return [];
  const [head, ...rest] = item(first).lines;
  if (group.length === 1 || !head) return [item(first)];
  const objects = names(group.map(placeOf));
  return [
    {
      lines: [
        { ...head, text: `${verbOf(first)} ${count(group.length, first.kind)}: ${objects} (${stacksOf(group)})` },
        ...rest,
      ],
    },
  ];
}

function stacksOf(steps: readonly PreviewStep[]): string {
  const stacks = [...new Set(steps.map(({ stack }) => stack))];
  return `${stacks.length === 1 ? "stack" : "stacks"} ${names(stacks)}`;
}

const marks: Readonly<Record<PreviewStep["action"], Mark>> = { create: "+", delete: "-", update: "!", replace: "!" };

function item(step: PreviewStep): Item {
  const unknown = step.unknown.length > 0 ? [line(" ", `  not known yet: ${step.unknown.join(", ")}`)] : [];
  return {
    lines: [
      line(marks[step.action], `${whatOf(step)} (stack ${step.stack})`),
      ...step.fields.map((field) => {
        const cause = field.cause === "topology" ? "" : ` (${words[field.cause]})`;
        return line(" ", `  ${field.path}: ${valueText(field.before)} -> ${valueText(field.after)}${cause}`);
      }),
      ...unknown,
    ],
  };
}

/** The steps of each cause, under a line that says it once. */
function unexplainedItems(steps: readonly PreviewStep[]): Item[] {
  return [...byCause(steps)].flatMap(([reason, group]): Item[] => {
    if (group.length > 1)
      return [{ lines: [line(" ", `${count(group.length, "step")}: ${reason}`)] }, ...alikeItems(group)];
    const [head, ...rest] = group.flatMap((step) => item(step).lines);
    return [{ lines: [...(head ? [head] : []), line(" ", `  why: ${reason}`), ...rest] }];
  });
}

function failed(stack: string, error: string): Item {
  const [first = "", ...rest] = error.split("\n").filter((each) => each.trim() !== "");
  return { lines: [line("-", `${stack}: ${first}`), ...rest.map((each) => line(" ", `  ${each}`))] };
}

function whatOf(step: PreviewStep): string {
  return `${verbOf(step)} ${step.kind} ${placeOf(step)}`;
}

function verbOf({ action, patch }: PreviewStep): string {
  return patch ? patchWords[action] : action;
}

function placeOf({ namespace, name, cluster, part }: PreviewStep): string {
  const place = part !== "clusters" && cluster !== "" ? ` in ${cluster}` : "";
  return `${namespace === "" ? name : `${namespace}/${name}`}${place}`;
}

const words: Readonly<Record<PreviewStep["cause"], string>> = {
  topology: "the topology",
  drift: "drift",
  undeployed: "not deployed before",
  value: "a value of the deployment",
  engine: "a side effect",
};

function reasonOf({ cause, action, source }: PreviewStep): string {
  if (cause === "drift")
    return action === "create"
      ? "drift: somebody has deleted it in the cluster, and the update recreates it"
      : "drift: somebody has changed it in the cluster, and the update overwrites that";
  if (cause === "undeployed") return "the base says so, too, and it has not been deployed yet";
  if (cause === "value")
    return "a secret, or a value that only the deployment knows, is different: a certificate, a token or an address";
  if (action === "create") return "a side effect: the topology does not ask for it";
  if (action === "delete")
    return `a side effect: ${source} still asks for it; see what is pending, and which clusters the stack owns`;
  return "a side effect: no field of the topology says so; a new release of this program or of a provider may";
}
