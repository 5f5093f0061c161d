import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { componentsPage } from "../../../scripts/components-page.ts";
import { metricsPage } from "../../../scripts/metrics-page.ts";
import { topologyPage } from "../../../scripts/topology-page.ts";

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

test("docs/metrics.md has every metric and every alert (npm run generate)", () => {
  const page = metricsPage();
  expect(readFileSync("docs/metrics.md", "utf8")).toBe(page);
  expect(page).toContain("| `bigpeer_link_up` | gauge | `replication`, `app`, `from`, `to` |");
  expect(page).toContain("[documents-do-not-arrive.md](runbook/documents-do-not-arrive.md)");
});

test("docs/components.md has every component with its arguments and outputs (npm run generate)", () => {
  const page = componentsPage();
  expect(readFileSync("docs/components.md", "utf8")).toBe(page);
  const titles = [...page.matchAll(/^## (\w+)$/gm)].map(([, title]) => title);
  expect(titles).toEqual([
    "BigPeerApp",
    "BigPeerTopology",
    "BigPeer",
    "CaTrust",
    "certificateReader",
    "GatewayExposure",
    "exportedTopology",
    "peerOf",
    "appIdOf",
    "exposedBy",
    "atPort",
    "Replication",
    "ServiceExposure",
    "TcpExposure",
    "TransportServerExposure",
  ]);
});

test("every example in docs/components.md compiles", () => {
  const examples = [...componentsPage().matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  expect(examples).toHaveLength(9);
  const text = `
import type { ProviderResource, StackReference } from "@pulumi/pulumi";
import { BigPeer, BigPeerApp, BigPeerTopology, CaTrust, certificateReader, GatewayExposure, peerOf, Replication, ServiceExposure, TcpExposure, type TcpExposureArgs, TransportServerExposure } from "bigpeer-topology";
declare const east: ProviderResource, west: ProviderResource, bp1: BigPeer, bp2: BigPeer, appId: string, otherStack: StackReference;
declare const carsOnBp1: BigPeerApp, carsOnBp2: BigPeerApp, replication: Replication, controller: TcpExposureArgs["controller"];
${examples.map((code) => `{\n${code}}`).join("\n")}
`;
  const file = resolve("components/examples-of-the-page.ts");
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, language, ...rest) =>
    name === file ? ts.createSourceFile(name, text, language) : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([file], { ...options, noUnusedLocals: false }, host);
  const source = program.getSourceFile(file);
  const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
}, 60_000);
