import { type Item, line, type Mark, type Section } from "../report/sections.ts";
import { patchWords, valueText } from "../report/words.ts";
import { isUnexplained } from "./fold.ts";
import type { PreviewReport, PreviewStep } from "./schema.ts";

/** The report in the order of what a reviewer asks: what is not of this change, what cannot be previewed, what happens. */
export function sectionsOf({ steps, stacks, notBegun }: PreviewReport): Section[] {
  const explained = steps.filter((step) => !isUnexplained(step));
  const groups = Map.groupBy(
    explained,
    ({ part, cluster }) => `${titles[part]}${cluster === "" ? "" : ` in ${cluster}`}`,
  );
  const pending = stacks.flatMap((stack) => stack.pending.map((text) => line(" ", `${stack.stack}: ${text}`)));
  return [
    { title: "Not explained by the topology", noun: "step", items: steps.filter(isUnexplained).map(unexplainedItem) },
    {
      title: "Failed",
      noun: "stack",
      items: stacks.flatMap(({ stack, error }) => (error === undefined ? [] : [failed(stack, error)])),
    },
    {
      title: "Not begun",
      noun: "stack",
      items: notBegun.map((stack) => ({
        lines: [line(" ", `${stack}: another stack had failed; \`--keep-going\` asks about it all the same`)],
      })),
    },
    {
      title: "Taken over from somebody else",
      noun: "object",
      items: stacks.flatMap(({ stack, takenOver = [] }) =>
        takenOver.map((text) => ({ lines: [line("!", `${stack}: ${text}`)] })),
      ),
    },
    ...Object.values(titles).flatMap((title) =>
      [...groups].filter(([group]) => group === title || group.startsWith(`${title} in `)).map(section),
    ),
    { title: "Pending", noun: "item", items: pending.map((text) => ({ lines: [text] })) },
  ].filter(({ items }) => items.length > 0);
}

/** A step in a few words, for the list of those that need a second look. */
export function sentenceOf(step: PreviewStep): string {
  return `${step.stack}: ${whatOf(step)}: ${reasonOf(step)}`;
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
  return { title, noun: "step", items: steps.map(item) };
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

function unexplainedItem(step: PreviewStep): Item {
  const [head, ...rest] = item(step).lines;
  return { lines: [...(head ? [head] : []), line(" ", `  why: ${reasonOf(step)}`), ...rest] };
}

function failed(stack: string, error: string): Item {
  const [first = "", ...rest] = error.split("\n").filter((each) => each.trim() !== "");
  return { lines: [line("-", `${stack}: ${first}`), ...rest.map((each) => line(" ", `  ${each}`))] };
}

function whatOf({ action, patch, kind, namespace, name, cluster, part }: PreviewStep): string {
  const verb = patch ? patchWords[action] : action;
  const place = part !== "clusters" && cluster !== "" ? ` in ${cluster}` : "";
  return `${verb} ${kind} ${namespace === "" ? name : `${namespace}/${name}`}${place}`;
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
