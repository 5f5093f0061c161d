import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";

/** A secret that the topology holds in plain text, and for which a comment turns the rule down. */
const topology = (secret: string) => `
environment: development
clusters:
  dev: {}
peers:
  # bigpeer-ignore plain-secret: a trial
  bp1:
    cluster: dev
    version: 1.63.2
    spec: { attachments: { backend: { type: s3, s3: { bucket: cars, secretAccessKey: ${secret} } } } }
    auth: { webhooks: { staff: { url: "https://staff:${secret}@auth.example.com/ditto" } } }
  bp2: { cluster: dev, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const [first, second] = ["MARKER-of-the-first-secret", "MARKER-of-the-second-secret"];

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology(first));
});
afterAll(() => deployment?.stop());

test("what the topology holds in plain text is a secret for the engine: in what it prints, and in its state", async () => {
  const printed: string[] = [];
  const run = async (operation: "up" | "preview", ...flags: string[]) => {
    const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", operation, flags);
    printed.push(stdout + stderr);
    expect(exitCode, stdout + stderr).toBe(0);
  };
  await run("preview", "--diff");
  await run("up", "--diff");
  deployment.write(topology(second));
  await run("preview", "--diff");
  await run("preview", "--json");
  await run("up", "--diff");
  const { stdout } = await deployment.engine.run(["stack", "export", "--stack", "dev"], { quiet: true });
  printed.push(stdout);
  for (const secret of [first, second]) {
    expect(printed.filter((text) => text.includes(secret))).toEqual([]);
    const files = deployment.filesWith(secret).filter((file) => file !== deployment.topologyFile);
    expect(files).toEqual([]);
  }
});
