import { expect, test } from "vitest";
import { soak } from "../soak/soak.ts";

/** A small version of `npm run soak`. These edits have an issuer sign all CAs, add a mesh over three clusters, and add a row to a table. */
const seed = 30;
const edits = 3;

test("after each of several edits in a row the clusters are what the plan says, and in the end nothing is left", async () => {
  const said: string[] = [];
  expect(await soak({ seed, edits, print: (line) => said.push(line) })).toBe(edits);
  expect(said).toHaveLength(edits);
});
