import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { descriptionFile, type LabDescription, readDescription, writeDescription } from "../../lab/description.ts";
import { lock, tryLock } from "../../lab/exclusive-lock.ts";
import { stopLab } from "../../lab/lab.ts";
import { endProcess, identify, isRunning, type ProcessIdentity } from "../../lab/process-identity.ts";

let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lab-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

async function start(code = "process.stdout.write('up'); setInterval(() => {}, 1000)"): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout, "data");
  const identity = identify(child.pid ?? 0);
  if (!identity) throw new Error("the child has ended");
  return identity;
}

/** The same pid, as the kernel would give it to a later process. */
function recycled(identity: ProcessIdentity): ProcessIdentity {
  return { pid: identity.pid, started: `${identity.started}0` };
}

describe("process identity", () => {
  test("a running process is known by its pid and start time, an ended one is not", async () => {
    const identity = await start();
    expect(isRunning(identity)).toBe(true);
    await endProcess(identity, 5_000);
    expect(isRunning(identity)).toBe(false);
    expect(identify(identity.pid)).toBeUndefined();
  });

  test("a process that got the pid of a recorded one is left alone", async () => {
    const identity = await start();
    await endProcess(recycled(identity), 0);
    expect(isRunning(identity)).toBe(true);
  });

  test("a process that ignores SIGTERM is ended after the grace period", async () => {
    const identity = await start(
      "process.on('SIGTERM', () => {}); process.stdout.write('up'); setInterval(() => {}, 1000)",
    );
    await endProcess(identity, 100);
    expect(isRunning(identity)).toBe(false);
  });
});

describe("the lock", () => {
  test("is had by one at a time, and waits for its owner", async () => {
    const first = await lock(directory);
    expect(await tryLock(directory)).toBeUndefined();
    const order: string[] = [];
    const second = lock(directory, { onWait: () => order.push("waits") }).then((held) => {
      order.push("has it");
      return held;
    });
    await expect.poll(() => order).toEqual(["waits"]);
    order.push("released");
    await first.release();
    await (await second).release();
    expect(order).toEqual(["waits", "released", "has it"]);
  });

  test("is not waited for any longer once that is called off", async () => {
    const owner = await lock(directory);
    const calledOff = new AbortController();
    const waiting = lock(directory, {
      onWait: () => calledOff.abort(new Error("called off")),
      signal: calledOff.signal,
    });
    await expect(waiting).rejects.toThrow("called off");
    await owner.release();
    const next = await tryLock(directory);
    expect(next).toBeDefined();
    await next?.release();
  });

  test("is free at once when its owner is killed", async () => {
    const module = new URL("../../lab/exclusive-lock.ts", import.meta.url).href;
    const owner = await start(
      `import(${JSON.stringify(module)}).then(async ({ lock }) => { await lock(${JSON.stringify(directory)}); process.stdout.write("has it"); setInterval(() => {}, 1000); })`,
    );
    expect(await tryLock(directory)).toBeUndefined();
    const waiting = lock(directory);
    process.kill(owner.pid, "SIGKILL");
    await (await waiting).release();
  });
});

describe("ending a lab", () => {
  function description(supervisor: ProcessIdentity, etcd: ProcessIdentity): LabDescription {
    const tools = {
      pulumi: "/p",
      languageHostDir: "/l",
      etcd: "/e",
      kubeApiserver: "/k",
      kubeControllerManager: "/c",
      kubernetesProvider: "/r",
    };
    const cluster = {
      name: "dev",
      context: "dev",
      namespaces: ["ditto"],
      server: "https://127.16.0.11:6443",
      apiServerAddress: "127.16.0.11",
      ingresses: [],
      nodeAddress: "127.16.0.61",
      serviceCidr: "127.16.8.0/21",
      processes: { etcd },
    };
    const kubeconfig = join(directory, "kubeconfig");
    return {
      format: 1,
      state: "starting",
      directory,
      supervisor,
      detached: true,
      kubeconfig,
      clusters: [cluster],
      tools,
    };
  }

  test("ends what a killed supervisor left running, and removes the lab's files alone", async () => {
    const [supervisor, etcd] = [await start(), await start()];
    await endProcess(supervisor, 0);
    await writeDescription(description(supervisor, etcd));
    await mkdir(join(directory, "clusters", "dev"), { recursive: true });
    await writeFile(join(directory, "notes.txt"), "mine");
    expect(await stopLab(directory)).toBe(1);
    expect(isRunning(etcd)).toBe(false);
    expect(await readdir(directory)).toEqual(["notes.txt"]);
  });

  test("never ends a process that only has a recorded pid", async () => {
    const other = await start();
    await writeDescription(description(recycled(other), recycled(other)));
    expect(await stopLab(directory)).toBe(0);
    expect(isRunning(other)).toBe(true);
  });

  test.each(["", "{", "{}", '{"format": 99}'])("clears away a lab.json that says %j", async (text) => {
    await writeFile(descriptionFile(directory), text);
    expect(readDescription(directory)).toBeUndefined();
    expect(await stopLab(directory)).toBe(0);
    await expect(readdir(directory)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is fine where no lab ever was", async () => {
    expect(await stopLab(join(directory, "none"))).toBe(0);
  });
});
