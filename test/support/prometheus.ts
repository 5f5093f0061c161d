import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { vi } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { endProcess, identify } from "../../lab/process-identity.ts";

const answer = z.object({ status: z.string(), data: z.unknown(), error: z.string().optional() });
const alertsSchema = z.object({
  alerts: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      state: z.string(),
    }),
  ),
});
const targetsSchema = z.object({
  activeTargets: z.array(z.object({ health: z.string(), lastError: z.string() })),
});

/** A real Prometheus that scrapes one target and evaluates one file of rules every few seconds. */
export class Prometheus {
  readonly url: string;
  readonly #child: ChildProcess;
  output = "";

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
  }

  /** @param target `host:port` */
  static async start(program: string, directory: string, { target, rules }: { target: string; rules: string }) {
    mkdirSync(directory);
    const file = join(directory, "prometheus.yml");
    writeFileSync(
      file,
      stringify({
        global: { scrape_interval: "2s", scrape_timeout: "2s", evaluation_interval: "1s" },
        rule_files: [rules],
        scrape_configs: [{ job_name: "bigpeer", static_configs: [{ targets: [target] }] }],
      }),
    );
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(directory, "data")}`,
        `--web.listen-address=${address}`,
        "--log.level=warn",
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const prometheus = new Prometheus(child, `http://${address}`);
    await vi.waitFor(
      async () => {
        if (!(await fetch(`${prometheus.url}/-/ready`)).ok) throw new Error(`it is not ready: ${prometheus.output}`);
      },
      { timeout: 20_000 },
    );
    return prometheus;
  }

  /** The result of a query, or an error in Prometheus' words. */
  async query(query: string): Promise<unknown> {
    return this.#get(`query?query=${encodeURIComponent(query)}`);
  }

  /** The alerts that are pending or firing. */
  async alerts() {
    return alertsSchema.parse(await this.#get("alerts")).alerts;
  }

  async targets() {
    return targetsSchema.parse(await this.#get("targets")).activeTargets;
  }

  async stop(): Promise<void> {
    const { pid } = this.#child;
    const identity = pid === undefined ? undefined : identify(pid);
    if (identity) await endProcess(identity, 10_000);
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    const { status, data, error } = answer.parse(await response.json());
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
