import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "../e2e/deployment.ts";

const topology = `
environment: production
clusters:
  dev: {}
peers:
  bp1: { cluster: dev, version: 1.63.2 }
  bp2: { cluster: dev, version: 1.63.2 }
apps:
  cars: { peers: [bp1, bp2] }
replications:
  blue-cars: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
`;
const withoutBp2 = topology
  .replace(/^ {2}bp2:.*\n/m, "")
  .replace("[bp1, bp2] }", "[bp1] }")
  .replace(/^replications:[\s\S]*/m, "");

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology);
  await deployment.up();
});
afterAll(() => deployment?.stop());

test("a production peer that is taken out of the file is refused before any write, with the way to do it", async () => {
  deployment.write(withoutBp2);
  const { exitCode, stdout } = await deployment.engine.stack("dev", "up");
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(/peer-removed[\s\S]*confirmRemoval: \[bp2]/);
  expect(await deployment.names("dev", "bigpeerreplications")).toHaveLength(2);
});

test("destroy of a production stack is refused by the engine while its peers are protected", async () => {
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "destroy");
  expect(exitCode).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(/protect/);
  expect(await deployment.names("dev", "bigpeers")).toEqual(["bp1", "bp2"]);
  deployment.write(topology);
  await deployment.up();
});

test("confirmed first, it can be taken out; the other stays protected, and the app keeps its ID", async () => {
  const idOf = async () =>
    JSON.stringify((await deployment.objects("dev", "bigpeerapps"))[0]).match(/"appId":"[^"]+"/)?.[0];
  const before = await idOf();
  deployment.write(`confirmRemoval: [bp2]\n${topology}`);
  await deployment.up();
  deployment.write(`confirmRemoval: [bp2]\n${withoutBp2}`);
  await deployment.up();
  expect(await deployment.names("dev", "bigpeers")).toEqual(["bp1"]);
  expect(await idOf()).toBe(before);
});
