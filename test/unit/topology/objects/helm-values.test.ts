import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

const topology = `
clusters:
  office: {}
  plant:
    ingresses:
      front: { ports: 4040-4049 }
      back: { namespace: edge, service: back, proxyProtocol: decode, ports: 4040-4049 }
peers:
  desk: { cluster: office, version: 1.63.2 }
  line-1: { cluster: plant, version: 1.63.2, ingress: front }
  line-2: { cluster: plant, version: 1.63.2, ingress: back }
apps:
  parts: { peers: [desk, line-1, line-2] }
replications:
  one: { app: parts, between: [desk, line-1], port: 4041, queries: { parts: "line = 1" } }
  two: { app: parts, between: [desk, line-2], port: 4042, queries: { parts: "line = 2" } }
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "helm-values-"));
  writeFileSync(join(directory, "plant.yaml"), topology);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function helmValues(...args: string[]) {
  const command = ["cli/bigpeer.ts", "helm-values", join(directory, "plant.yaml"), ...args];
  return spawnSync(process.execPath, command, { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
}

const front = { tcp: { "4041": "ditto/ditto-line-1-replication-one-line-1:4040" } };
const back = { tcp: { "4042": "ditto/ditto-line-2-replication-two-line-2:4040:PROXY" } };

test("each controller gets the values of its own chart, as one YAML document or JSON entry", () => {
  const { stdout, status } = helmValues();
  expect(parseAllDocuments(stdout).map((document) => document.toJS())).toEqual([front, back]);
  expect(stdout).toMatch(
    /^# cluster plant, ingress-nginx\/ingress-nginx-controller: values of the chart ingress-nginx$/m,
  );
  expect(stdout).toMatch(/^# cluster plant, edge\/back: /m);
  expect(status).toBe(0);
  expect(JSON.parse(helmValues("--json").stdout)).toEqual([
    { cluster: "plant", namespace: "ingress-nginx", service: "ingress-nginx-controller", values: front },
    { cluster: "plant", namespace: "edge", service: "back", values: back },
  ]);
});

test("a cluster that exposes nothing says so, and one that is not there is refused", () => {
  expect(helmValues("--cluster", "office").stdout).toBe("# nothing is exposed\n");
  const { stderr, status } = helmValues("--cluster", "pant");
  expect(stderr).toBe('error: --cluster pant: there is no such cluster; did you mean "plant"?\n');
  expect(status).toBe(2);
});
