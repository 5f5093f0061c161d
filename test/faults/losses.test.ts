import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Engine } from "../../lab/engine.ts";
import { Deployment } from "../support/deployment.ts";
import { Kept } from "./kept.ts";

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

test("check refuses it too, once it is told which stack to ask", async () => {
  deployment.write(withoutBp2);
  const checked = (...flags: string[]) =>
    new Promise<string>((done) => {
      const options = { cwd: deployment.engine.directory, env: { ...deployment.engine.env, NO_COLOR: "1" } };
      execFile(
        process.execPath,
        [resolve("cli/bigpeer.js"), "check", "--stack", "dev", ...flags],
        options,
        (_, stdout) => done(stdout),
      );
    });
  expect(await checked("--live")).toMatch(/error peer-removed {2}peers\.bp2: [\s\S]*confirmRemoval: \[bp2]/);
  expect(await checked()).not.toContain("peer-removed");
  deployment.write(topology);
  expect(await checked("--live")).not.toMatch(/peer-removed|app-removed|replaced/);
});

test("destroy of a production stack is refused by the engine while its peers are protected", async () => {
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "destroy");
  expect(exitCode).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(/protect/);
  expect(await deployment.names("dev", "bigpeers")).toEqual(["bp1", "bp2"]);
  deployment.write(topology);
  await deployment.up();
});

test("a peer's documents move to another peer step by step; the old peer goes, and neither a document nor the app's ID is lost", async () => {
  const cars = { app: "cars", collection: "cars" };
  const kept = await Kept.plant(deployment, topology, [
    { ...cars, document: { _id: "shared", color: "blue" }, writtenOn: "bp2", arrivesOn: ["bp1"] },
    { ...cars, document: { _id: "only-on-bp2", color: "red" }, writtenOn: "bp2", arrivesOn: [] },
  ]);
  const before = await appId();
  const steps = [];
  for (let step = ""; step !== "done"; ) {
    step = await migrate("--write");
    if (step === "done") break;
    steps.push(step);
    if (step === "tidy") continue;
    await deployment.up();
    if (step === "remove") continue;
    await expect
      .poll(() => migrate("--compare"), { timeout: 30_000 })
      .toMatch(/^all there {2}cars: cars {2}bp2 2, bp3 2$/m);
  }
  expect(steps).toEqual(["copy", "repoint", "confirm", "remove", "tidy"]);
  expect(await deployment.names("dev", "bigpeers")).toEqual(["bp1", "bp3"]);
  expect(await kept.on(readFileSync(deployment.topologyFile, "utf8"), "bp3")).toEqual(["only-on-bp2", "shared"]);
  expect(await appId()).toBe(before);
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", "destroy");
  expect(exitCode).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(/protect/);
});

test("the volumes of a production peer grow in place, and are refused any size that is smaller, with nothing written", async () => {
  const declared = readFileSync(deployment.topologyFile, "utf8");
  const sized = (size: string) =>
    declared.replace("bp1: { cluster: dev,", `bp1: { cluster: dev, store: { storage: ${size} },`);
  const [before] = await deployment.objects("dev", "bigpeers");
  for (const size of ["10Gi", "20Gi", "20480Mi"]) {
    deployment.write(sized(size));
    await deployment.up();
    const [now] = await deployment.objects("dev", "bigpeers");
    expect(JSON.stringify(now)).toContain(`"size":"${size}"`);
    expect(now).toMatchObject({ metadata: { uid: Reflect.get(before?.metadata ?? {}, "uid") } });
  }
  deployment.write(sized("10Gi"));
  for (const command of ["preview", "up"] as const) {
    const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", command);
    expect(exitCode).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/peer-replaced[\s\S]*would shrink from 20480Mi to 10Gi/);
  }
  expect(JSON.stringify(await deployment.objects("dev", "bigpeers"))).toContain(`"size":"20480Mi"`);
});

test("a protected BigPeer without a topology file grows, and is refused where it would shrink, in a preview, too", async () => {
  const directory = join(deployment.directory, "protected-peer");
  mkdirSync(directory);
  const engine = new Engine({ directory, env: deployment.lab.env, project: "test/faults/protected-peer" });
  await engine.init("dev", "config: { protected-peer:storage: 10Gi }\n");
  expect((await engine.stack("dev", "up")).exitCode).toBe(0);
  await engine.run(["config", "set", "storage", "20Gi", "--stack", "dev"]);
  expect((await engine.stack("dev", "up")).exitCode).toBe(0);
  await engine.run(["config", "set", "storage", "5Gi", "--stack", "dev"]);
  for (const command of ["preview", "up"] as const) {
    const { exitCode, stdout, stderr } = await engine.stack("dev", command);
    expect(exitCode).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/"boats" would shrink from 20Gi to 5Gi/);
  }
  expect(JSON.stringify(await deployment.objects("dev", "bigpeers"))).toContain(`"size":"20Gi"`);
});

test("a protected component without a topology file: the engine refuses another app ID, and the app keeps its own", async () => {
  const directory = join(deployment.directory, "protected-app");
  mkdirSync(directory);
  const engine = new Engine({ directory, env: deployment.lab.env, project: "test/faults/protected-app" });
  await engine.init("dev", "config: { protected-app:id: aaaaaaaa-0000-4000-8000-000000000000 }\n");
  expect((await engine.stack("dev", "up")).exitCode).toBe(0);
  await engine.run(["config", "set", "id", "bbbbbbbb-0000-4000-8000-000000000000", "--stack", "dev"]);
  const { exitCode, stdout, stderr } = await engine.stack("dev", "up");
  expect(exitCode).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(/boats-bp1[\s\S]*protect/);
  expect(JSON.stringify(await deployment.objects("dev", "bigpeerapps"))).toContain(
    "aaaaaaaa-0000-4000-8000-000000000000",
  );
});

async function appId(): Promise<string | undefined> {
  return JSON.stringify((await deployment.objects("dev", "bigpeerapps"))[0]).match(/"appId":"[^"]+"/)?.[0];
}

/** Runs `bigpeer migrate bp2 bp3`. @returns the step that was made, or what was said of the documents */
function migrate(flag: "--write" | "--compare"): Promise<string> {
  const args = [
    resolve("cli/bigpeer.ts"),
    "migrate",
    "bp2",
    "bp3",
    deployment.topologyFile,
    flag,
    "--reach",
    "cluster-ip",
  ];
  const env = { ...deployment.lab.env, NO_COLOR: "1" };
  return new Promise((done) => {
    execFile(process.execPath, args, { env }, (_, stdout, stderr) => {
      done(flag === "--write" ? (/^\w+/.exec(stdout)?.[0] ?? stderr) : stdout + stderr);
    });
  });
}
