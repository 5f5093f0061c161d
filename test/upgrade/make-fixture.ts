import "../../program/diagnostic-reports.cjs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Deployment } from "../support/deployment.ts";
import { fixtureStacks, passphrase, scrubbed, writeFixture } from "./fixture.ts";

/** `npm run upgrade-fixture`: deploys topologies on a lab and keeps the states, for later releases to take over. */
const root = join(import.meta.dirname, "../..");
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

for (const [name, stacks] of Object.entries(fixtureStacks)) {
  const topology = readFileSync(join(root, "topologies", `${name}.yaml`), "utf8");
  const deployment = await Deployment.start(topology, {});
  try {
    deployment.engine.env.PULUMI_CONFIG_PASSPHRASE = passphrase;
    for (const [stack, clusters] of Object.entries(stacks)) await deployment.addStack(stack, clusters);
    // Each may wait for the other, once.
    for (let pass = 0; pass < Object.keys(stacks).length; pass++)
      for (const stack of Object.keys(stacks)) await deployment.up(stack);
    const states = new Map<string, string>();
    for (const stack of Object.keys(stacks)) {
      await deployment.up(stack, ["--expect-no-changes"]);
      const { stdout, stderr, exitCode } = await deployment.engine.run(["stack", "export", "--stack", stack], {
        quiet: true,
      });
      if (exitCode !== 0) throw new Error(`pulumi stack export: ${stderr}`);
      states.set(stack, scrubbed(stdout));
    }
    writeFixture(version, name, topology, states);
    console.log(
      `test/upgrade/${version}: ${[`${name}.yaml`, ...[...states.keys()].map((stack) => `${stack}.json`)].join(", ")}`,
    );
  } finally {
    await deployment.stop();
  }
}
