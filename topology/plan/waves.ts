import type { LabelSelector } from "../expand/schema.ts";
import { share, type Wave } from "../file/wave.ts";
import type { PlannedWave } from "./plan.ts";

/** A wave as it is planned, with the name that reports give it. */
export function planWave({ name, labels, stacks, repeat }: Wave): PlannedWave {
  const most = stacks === undefined ? undefined : typeof stacks === "number" ? { stacks } : percentOf(stacks);
  const told = [labels && labelText(labels), stacks === undefined ? undefined : stacksText(stacks)];
  const selected = told.filter((each) => each !== undefined).join(", ");
  return { name: name ?? (selected === "" ? "all" : selected), labels, most, repeat: repeat === true };
}

/** Labels as a report names them: `region=eu or us, tier=shop`. */
export function labelText(labels: LabelSelector): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${[value].flat().join(" or ")}`)
    .join(", ");
}

function percentOf(text: string): PlannedWave["most"] {
  return share.test(text) ? { percent: Number(text.slice(0, -1)) } : undefined;
}

function stacksText(stacks: number | string): string {
  return typeof stacks === "string" ? stacks : stacks === 1 ? "1 stack" : `${stacks} stacks`;
}
