import { createRequire } from "node:module";
import { arch, platform, release } from "node:os";
import { engineError } from "../engine/engine-error.ts";
import type { Collected } from "./bundle.ts";

const load = createRequire(import.meta.url);

/** The versions of everything that has a part in a deployment on this machine. @param own this package's */
export async function versionsFile(own: string): Promise<Collected> {
  const cli = await pulumiVersion();
  const content = {
    "bigpeer-topology": own,
    pulumi: cli.version ?? "not found",
    packages: Object.fromEntries(packages.map((name) => [name, installedVersion(name)])),
    node: process.version,
    system: { platform: platform(), release: release(), architecture: arch() },
  };
  const missing = cli.reason === undefined ? [] : [{ cluster: undefined, reason: cli.reason }];
  return { files: [{ path: "versions.yaml", content, about: "versions" }], missing };
}

const packages = ["@pulumi/pulumi", "@pulumi/kubernetes", "@kubernetes/client-node"];

function installedVersion(name: string): string {
  try {
    const { version }: { version?: unknown } = load(`${name}/package.json`);
    return String(version);
  } catch {
    return "not found";
  }
}

async function pulumiVersion(): Promise<{ version?: string; reason?: string }> {
  try {
    const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
    const { version } = await PulumiCommand.get({ skipVersionCheck: true });
    return version ? { version: version.version } : {};
  } catch (error) {
    return { reason: engineError(error) };
  }
}
