import { checkSource } from "../../check.ts";
import type { Source } from "../../file/source.ts";
import type { Finding } from "../../findings/finding.ts";
import { EditedTopology } from "../../migration/document.ts";
import { isSure, type Judged } from "./settle.ts";

/** A topology file in which the contract says what a cluster's operator was found to be; all else stays as it is, comments too. */
export interface WrittenContract {
  readonly text: string;
  /** The file that holds it, which may be one that the topology includes. */
  readonly file: string;
  /** The settings that were changed. */
  readonly changed: readonly Judged[];
  /** The errors in the text that were not there before; with any of them it should not be written. */
  readonly refused: readonly Finding[];
}

/** Writes what differs and is sure into the text of a topology. Pure. */
export function withContract(source: Source, judged: readonly Judged[]): WrittenContract {
  const changed = judged.filter((each) => each.differs && isSure(each));
  const { file, text: before } = source.holder(["operator"]) ?? source;
  if (changed.length === 0) return { text: before, file, changed, refused: [] };
  const document = new EditedTopology(before);
  for (const { setting, value } of changed) document.set(["operator", ...setting.split(".")], value);
  const text = document.text();
  const known = new Set(errorsOf(source).map(keyOf));
  const refused = errorsOf(source.withTexts(new Map([[file, text]]))).filter((each) => !known.has(keyOf(each)));
  return { text, file, changed, refused };
}

function errorsOf(source: Source): Finding[] {
  return checkSource(source).findings.filter(({ severity }) => severity === "error");
}

function keyOf({ rule, path, what }: Finding): string {
  return JSON.stringify([rule, path, what]);
}
