import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiextensionsV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";
import { BadNetwork } from "./bad-network.ts";

const topology = readFileSync("topologies/dev.yaml", "utf8");
let deployment: Deployment;
let network: BadNetwork;

beforeAll(async () => {
  deployment = await Deployment.start(topology, undefined, undefined, { checkpoints: true });
  const server = deployment.lab.description.clusters[0]?.server ?? "";
  network = await BadNetwork.before(server);
  const through = network.through(readFileSync(deployment.access.kubeconfig, "utf8"), server);
  const kubeconfig = join(deployment.directory, "through-bad-network");
  writeFileSync(kubeconfig, through);
  const set = ["config", "set", "bigpeer:kubeconfig", kubeconfig, "--stack", "dev"];
  expect((await deployment.engine.run(set)).exitCode).toBe(0);
});
afterAll(async () => {
  await network?.stop();
  await deployment?.stop();
});

const passed = async () => (await deployment.verify(topology)).results.every((result) => result.passed);

test("a slow API server: up takes longer and succeeds", async () => {
  network.weather.delayMs = 300;
  await deployment.up();
  expect(network.passed).toBeGreaterThan(20);
  network.weather.delayMs = 0;
  expect(await passed()).toBe(true);
});

test("an API server that throttles: up retries when it is told to, and succeeds", async () => {
  network.weather.throttleEvery = 4;
  deployment.write(topology.replace("color = 'red'", "color = 'green'"));
  await deployment.up();
  expect(network.refused).toBeGreaterThan(0);
  network.weather.throttleEvery = 0;
  deployment.write(topology);
  await deployment.up();
  expect(await passed()).toBe(true);
});

test("a custom resource that is replaced by one without our field: refused before any write, with the field", async () => {
  const api = deployment.kubeConfig("dev").makeApiClient(ApiextensionsV1Api);
  const name = "bigpeerreplications.ditto.live";
  const crd = await api.readCustomResourceDefinition({ name });
  const spec = crd.spec.versions[0]?.schema?.openAPIV3Schema?.properties?.spec?.properties;
  const queries = spec?.queriesByCollection;
  if (!spec || !queries) throw new Error("the lab's custom resource has no queriesByCollection");
  delete spec.queriesByCollection;
  spec.queries = queries;
  await api.replaceCustomResourceDefinition({ name, body: crd });
  deployment.write(topology.replace("color = 'red'", "color = 'green'"));
  const { exitCode, stdout } = await deployment.engine.stack("dev", "up");
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(/spec\.queriesByCollection/);
  expect(stdout).toMatch(/operator\.fields\.replication\.queriesByCollection/);
  deployment.write(topology);
});

test("a state that cannot be written: the run fails, and from the copy beside it the next one converges", async () => {
  const api = deployment.kubeConfig("dev").makeApiClient(ApiextensionsV1Api);
  const name = "bigpeerreplications.ditto.live";
  const crd = await api.readCustomResourceDefinition({ name });
  const spec = crd.spec.versions[0]?.schema?.openAPIV3Schema?.properties?.spec?.properties;
  if (!spec?.queries) throw new Error("the test before has not replaced the custom resource");
  spec.queriesByCollection = spec.queries;
  delete spec.queries;
  await api.replaceCustomResourceDefinition({ name, body: crd });
  deployment.write(topology.replace("color = 'red'", "color = 'yellow'"));
  const full = await deployment.engine.stack("dev", "up", [], { fileSizeLimitKiB: 8 });
  expect(full.exitCode).not.toBe(0);
  expect(`${full.stdout}${full.stderr}`).toMatch(/file too large/i);
  deployment.write(topology);
  // The file backend keeps the state of every update that ended; docs/reliability.md names the last one as the way out.
  const backend = join(deployment.engine.directory, "state", ".pulumi");
  const history = join(backend, "history", "bigpeer-topology", "dev");
  const last = readdirSync(history)
    .filter((name) => name.endsWith(".checkpoint.json") && statSync(join(history, name)).size > 20_000)
    .sort()
    .at(-1);
  copyFileSync(join(history, last ?? ""), join(backend, "stacks", "bigpeer-topology", "dev.json"));
  await deployment.engine.run(["cancel", "--yes", "--stack", "dev"], { quiet: true });
  await deployment.up("dev", ["--refresh"]);
  expect(await passed()).toBe(true);
});
