import { expect, test } from "vitest";
import { fuzz } from "../../fuzz/fuzz.ts";
import { targets } from "../../fuzz/targets.ts";
import { texts } from "../../fuzz/texts.ts";

const seed = 20_260_101;

/** A small version of `npm run fuzz`, always with the same inputs. */
const patience = { timeout: 60_000 };
test.each(targets)("whatever is read as $name is accepted or refused, and never breaks", patience, async (target) => {
  const runs = target.name === "topology" ? 1_200 : 400;
  const { inputs, failure } = await target.run({ seed, runs });
  expect(failure).toBeUndefined();
  expect(inputs).toBe(runs);
});

test("a failure is told with its input and the command that replays it", async () => {
  const holds = (text: string) => {
    if (text.includes("{")) throw new Error("it holds a bracket");
  };
  const { failure } = await fuzz({ name: "brackets", inputs: texts, holds }, { seed, runs: 500 });
  expect(failure).toMatch(/it holds a bracket/);
  expect(failure).toMatch(new RegExp(`again: npm run fuzz -- --only brackets --seed ${seed} --path "[\\d:]+"`));
});
