/** The objects of a plan for those who know no topology: a bare program, and kubectl. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCa } from "../lab/operator/authority.ts";
import { clusterManifests, type DeployedValues, placeholders } from "../topology/objects/cluster-manifests.ts";
import type { Plan } from "../topology/plan/plan.ts";

export interface BareObject {
  /** Unique among the objects. */
  readonly name: string;
  readonly role: "object" | "patch";
  readonly manifest: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
    /** Of a Secret. */
    readonly type?: string;
    readonly data?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
}

/** Every object of a cluster, with one certificate in place of everybody's. */
export async function bareObjects(plan: Plan, cluster: string): Promise<BareObject[]> {
  const { certificate } = await createCa("bench");
  const data = Buffer.from(certificate).toString("base64");
  const values: DeployedValues = { ...placeholders, caCertificates: () => data };
  return clusterManifests(plan, cluster, values).map(({ role, manifest }) => {
    const metadata = {
      ...manifest.metadata,
      name: text(manifest.metadata.name),
      namespace: text(manifest.metadata.namespace),
    };
    const name = [manifest.kind, metadata.name, ...(role === "patch" ? ["patch"] : [])].join("-").toLowerCase();
    return { name, role, manifest: { ...manifest, metadata } };
  });
}

/** A file for each object, as kubectl applies them. A patch is part of its object's file: kubectl is one owner of all fields. */
export function writeFiles(objects: readonly BareObject[], folder: string): void {
  for (const { name, role, manifest } of objects) {
    if (role === "patch") continue;
    const same = ({ manifest: { kind, metadata } }: BareObject) =>
      kind === manifest.kind && metadata.name === manifest.metadata.name;
    const patch = objects.find((each) => each.role === "patch" && same(each));
    const whole = patch
      ? { ...patch.manifest, ...manifest, spec: merged(manifest.spec, patch.manifest.spec) }
      : manifest;
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(whole));
  }
}

/** The same objects as a chart, for Helm. @returns its folder */
export function writeChart(objects: readonly BareObject[], folder: string): string {
  mkdirSync(join(folder, "templates"));
  writeFileSync(join(folder, "Chart.yaml"), "apiVersion: v2\nname: peers\nversion: 0.1.0\n");
  writeFiles(objects, join(folder, "templates"));
  return folder;
}

function merged(one: unknown, other: unknown): unknown {
  if (!isBag(one) || !isBag(other)) return other ?? one;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(one[key], other[key])]));
}

function isBag(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Error(`${String(value)} is not a plain text`);
  return value;
}
