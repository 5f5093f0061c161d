import { expect, test } from "vitest";
import { editedText, editsOf } from "../../soak/edits.ts";

const lines = (seed: number, count: number) =>
  [...editsOf(seed, count)].map(({ what, files }) => `${what}\n${editedText(files)}`);

test("the same seed gives the same edits, however many are asked for", () => {
  expect(lines(7, 12).slice(0, 5)).toEqual(lines(7, 5));
  expect(lines(7, 5)).not.toEqual(lines(8, 5));
});

test("edits of every kind come, and none is refused", () => {
  const kinds = new Set([...editsOf(7, 120)].map(({ what }) => what.replace(/ .*? to | .*: /, " to ").split(" ")[0]));
  expect([...kinds].sort()).toEqual([
    ...["add", "add-row", "edit-row", "issued-ca", "move", "narrow", "own-ca", "relabel"],
    ...["remove", "remove-row", "sign", "turn", "unsign", "widen"],
  ]);
});
