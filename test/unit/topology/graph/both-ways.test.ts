import { expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { bothWays } from "../../../../topology/graph/both-ways.ts";
import { mergeDrawings } from "../../../../topology/graph/merge.ts";
import { drawingOf } from "../../../../topology/graph/model.ts";
import { orientationOf } from "../../../../topology/graph/orientation.ts";
import { pictureOf } from "../../../../topology/graph/picture.ts";
import { sites } from "../../../support/large-topologies.ts";

const drawn = (text: string) => drawingOf(planText(text).plan);

test("a hub with eleven spokes both ways has one arrow for each spoke, which says what flows where", async () => {
  const drawing = drawn(sites(12, "hub"));
  expect(drawing.arrows).toHaveLength(22);
  const shown = orientationOf(drawing);
  expect(shown.wide).toBe(false);
  expect(shown.drawing.arrows).toHaveLength(11);
  for (const { both, queries, from, to } of shown.drawing.arrows) {
    expect(both).toBe(true);
    const [hub, spoke] = [from, to].sort().map((id) => id.slice(id.indexOf("/") + 1));
    expect([...queries].sort()).toEqual([`to ${hub}: stock: amount > 0`, `to ${spoke}: orders: state = 'open'`].sort());
  }
  const text = await pictureOf(drawing, "mermaid", "");
  expect(text.match(/<-->/g)).toHaveLength(11);
  expect(text).not.toMatch(/ --> /);
});

test("a small picture keeps an arrow for each way", () => {
  const drawing = drawn(sites(2, "hub"));
  expect(orientationOf(drawing).drawing).toBe(drawing);
});

test("links that a comparison tells apart stay apart, and each keeps its mark", () => {
  const [before, after] = [sites(12, "hub"), sites(12, "hub").replace("state = 'open'", "state = 'paid'")];
  const merged = bothWays(mergeDrawings(drawn(before), drawn(after)));
  expect(merged.arrows).toHaveLength(22);
  expect(merged.arrows.filter(({ mark }) => mark === "changed")).toHaveLength(11);
  const added = bothWays(mergeDrawings(drawn(sites(11, "hub")), drawn(sites(12, "hub"))));
  expect(added.arrows.filter(({ both }) => both)).toHaveLength(11);
  expect(added.arrows.filter(({ mark }) => mark === "added")).toHaveLength(1);
});
