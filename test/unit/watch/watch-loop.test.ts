import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { secondsIn } from "../../../watch/interval.ts";
import { isAlive, watchLoop } from "../../../watch/loop.ts";
import { replaceFile } from "../../../watch/metrics-file.ts";
import { listeningAt, type MetricsServer, serveMetrics } from "../../../watch/server.ts";
import type { WatchState } from "../../../watch/state.ts";
import { round } from "../../support/watched-rounds.ts";

describe("the loop", () => {
  test("goes on after a round that fails for whatever reason, and says which", async () => {
    const stop = new AbortController();
    const seen: { rounds: WatchState["rounds"]; error: unknown }[] = [];
    let rounds = 0;
    await watchLoop({
      intervalSeconds: 0.001,
      signal: stop.signal,
      round: async () => {
        if (++rounds === 2) throw new Error("the kubeconfig has gone");
        return round();
      },
      onState: ({ rounds: counted }, error) => {
        seen.push({ rounds: counted, error });
        if (seen.length === 3) stop.abort();
      },
    });
    expect(seen.map(({ error }) => error)).toEqual([undefined, new Error("the kubeconfig has gone"), undefined]);
    expect(seen[2]?.rounds).toEqual({ passed: 2, failed: 0, error: 1 });
  });

  test("never runs two rounds at once, however long one takes", async () => {
    const stop = new AbortController();
    let [running, most, rounds] = [0, 0, 0];
    await watchLoop({
      intervalSeconds: 0.001,
      signal: stop.signal,
      round: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running--;
        if (++rounds === 4) stop.abort();
        return round();
      },
      onState: () => {},
    });
    expect({ most, rounds }).toEqual({ most: 1, rounds: 4 });
  });

  test("waits for the round that is under way when it is stopped, and shows nothing of it", async () => {
    const stop = new AbortController();
    let cleanedUp = false;
    const shown: unknown[] = [];
    await watchLoop({
      intervalSeconds: 3600,
      signal: stop.signal,
      round: async (_, signal) => {
        stop.abort();
        await new Promise((resolve) => setTimeout(resolve, 20));
        cleanedUp = signal.aborted;
        return round(() => ({ passed: false }));
      },
      onState: (state) => shown.push(state),
    });
    expect({ cleanedUp, shown }).toEqual({ cleanedUp: true, shown: [] });
  });

  test("counts as stuck once no round has ended for long, and not while one waits for clusters that do not answer", () => {
    const ended = new Date("2026-11-26T12:00:00Z");
    expect(isAlive(300, ended, new Date("2026-11-26T12:20:00Z"))).toBe(true);
    expect(isAlive(300, ended, new Date("2026-11-26T12:30:00Z"))).toBe(false);
  });
});

test.each([
  ["30s", 30],
  ["5m", 300],
  ["1h30m", 5400],
  ["1d", 86_400],
  ["0s", undefined],
  ["", undefined],
  ["5", undefined],
  ["5min", undefined],
  ["30m1h", undefined],
  ["400d", undefined],
])("the duration %j has %s seconds", (text, seconds) => {
  expect(secondsIn(text)).toBe(seconds);
});

test.each([
  [":9464", { host: undefined, port: 9464 }],
  ["127.0.0.1:9464", { host: "127.0.0.1", port: 9464 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["localhost:80", { host: "localhost", port: 80 }],
  ["9464", undefined],
  [":99999", undefined],
  ["::1:9464", undefined],
])("--metrics %s listens at %j", (text, listening) => {
  expect(listeningAt(text)).toEqual(listening);
});

describe("the server", () => {
  let server: MetricsServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  const state = { healthy: true, ready: false, scrapes: 0 };

  async function ask(path: string, { accept = "*/*", method = "GET" } = {}) {
    server ??= await serveMetrics(
      { host: "127.0.0.1", port: 0 },
      {
        metrics: (format) => {
          state.scrapes++;
          return `${format}\n`;
        },
        healthy: () => state.healthy,
        ready: () => state.ready,
      },
    );
    const { port } = server;
    return new Promise<{ code: number | undefined; type: string | undefined; text: string }>((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, method, headers: { accept } }, async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        resolve({ code: response.statusCode, type: response.headers["content-type"], text });
      });
      sent.on("error", reject).end();
    });
  }

  test("speaks OpenMetrics to those who ask for it, and Prometheus' own format to everybody else", async () => {
    const openmetrics = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
    expect(await ask("/metrics", { accept: openmetrics })).toEqual({
      code: 200,
      type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
      text: "openmetrics\n",
    });
    expect(await ask("/metrics?x=1")).toMatchObject({ type: "text/plain; version=0.0.4; charset=utf-8" });
    expect(state.scrapes).toBe(2);
  });

  test("says whether rounds still end and whether one has ended, and has nothing else", async () => {
    expect([(await ask("/-/healthy")).code, (await ask("/-/ready")).code]).toEqual([200, 503]);
    Object.assign(state, { healthy: false, ready: true });
    expect([(await ask("/-/healthy")).code, (await ask("/-/ready")).code]).toEqual([503, 200]);
    expect((await ask("/etc/passwd")).code).toBe(404);
    expect((await ask("/metrics", { method: "POST" })).code).toBe(405);
    expect(await ask("/metrics", { method: "HEAD" })).toMatchObject({ code: 200, text: "" });
  });
});

describe("the metrics file", () => {
  const folder = mkdtempSync(join(tmpdir(), "metrics-file-"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("is replaced by a rename, so nobody reads a part of it, and may be read by the collector", () => {
    const file = join(folder, "bigpeer.prom");
    writeFileSync(file, "old", { mode: 0o600 });
    const { ino } = statSync(file);
    replaceFile(file, "new");
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).ino).not.toBe(ino);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(["bigpeer.prom"]);
    expect(() => replaceFile(join(folder, "none", "bigpeer.prom"), "x")).toThrow(/ENOENT/);
  });
});
