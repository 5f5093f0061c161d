import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topologyPage } from "../../scripts/topology-page.ts";

test("docs/topology.md has every key of the topology file, each with its meaning (npm run generate)", () => {
  const page = topologyPage();
  expect(readFileSync("docs/topology.md", "utf8")).toBe(page);
  for (const key of [
    "proxyProtocol",
    "store.resources.limits",
    "playground.token.config",
    "webhooks.<name>.url",
    "port",
  ])
    expect(page).toContain(`| \`${key}\` |`);
});
