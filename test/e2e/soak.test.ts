import { expect, test } from "vitest";
import { soak } from "../soak/soak.ts";

/** A small version of `npm run soak`. These edits change a row of a table, move a peer to another cluster, and add a row. */
const seed = 5;
const edits = 3;

test("after each of several edits in a row the clusters are what the plan says, and in the end nothing is left", async () => {
  const said: string[] = [];
  expect(await soak({ seed, edits, print: (line) => said.push(line) })).toBe(edits);
  expect(said).toHaveLength(edits);
});
