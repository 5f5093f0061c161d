import { expect, test } from "vitest";
import { assertKnownLabels, wavesOfFlags } from "../../../../cli/waves/wave-flags.ts";
import { planText } from "../../../../topology/check.ts";

test.each([
  ["canary=true", { name: "canary=true", labels: { canary: ["true"] }, most: undefined, repeat: false }],
  ["3", { name: "3 stacks", labels: undefined, most: { stacks: 3 }, repeat: false }],
  ["10%", { name: "10%", labels: undefined, most: { percent: 10 }, repeat: false }],
  [
    "region=eu,region=us,tier=shop:25%+",
    {
      name: "region=eu or us, tier=shop, 25%",
      labels: { region: ["eu", "us"], tier: ["shop"] },
      most: { percent: 25 },
      repeat: true,
    },
  ],
  ["store=17", { name: "store=17", labels: { store: ["17"] }, most: undefined, repeat: false }],
  ["url=a:b:2", { name: "url=a:b, 2 stacks", labels: { url: ["a:b"] }, most: { stacks: 2 }, repeat: false }],
])("--wave %s is a wave", (flag, wave) => {
  expect(wavesOfFlags([flag])).toEqual([wave]);
});

test.each(["", "0", "shops", "101%", ":5", "tier=shop,eu", "-1"])("--wave %j is refused with what to write", (flag) => {
  expect(() => wavesOfFlags([flag])).toThrow(`--wave ${flag}: write labels (canary=true`);
});

test("a label that nothing has is no wave that is skipped, but a mistake", () => {
  const { plan } = planText(
    "environment: development\nclusters: { a: { inbound: none, labels: { tier: shop } } }\npeers: { a: { cluster: a, version: 1.63.2 } }\n",
  );
  expect(() => assertKnownLabels(plan, ["tier=shop:1", "50%"])).not.toThrow();
  expect(() => assertKnownLabels(plan, ["tier=shp:1"])).toThrow(/^--wave tier=shp:1: .*did you mean "shop"\?$/);
});
