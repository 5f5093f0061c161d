import { planText } from "../topology/check.ts";
import { clusterManifests, placeholders } from "../topology/objects/cluster-manifests.ts";
import { bundleOf } from "../topology/objects/trust-manifests.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { certificateBytes } from "../topology/rules/trust-bundle.ts";

/** What a hub has of so many sites, each with one Big Peer in a cluster and a stack of its own. Sizes are in bytes of JSON, as the API takes it. */
export interface ScaleRow {
  readonly sites: number;
  /** The field of the hub's BigPeer that lists whom it trusts. */
  readonly trustList: number;
  /** Secrets with a CA certificate, in the hub's namespace. */
  readonly trustSecrets: number;
  /** The one Secret instead of them, with the certificates under one data key. */
  readonly bundle: number;
  /** The hub's BigPeerReplication. */
  readonly replication: number;
  /** Ports that the hub's cluster opens. */
  readonly ports: number;
  /** The resources of the hub's stack, without components. */
  readonly resources: number;
  /** The state of the hub's stack: what the engine writes and reads as a whole. */
  readonly state: number;
  /** The output by which the hub's stack tells others, and itself, what it has. */
  readonly exported: number;
}

/** PEM of a Big Peer's CA certificate, as long as one that cert-manager issues. */
const certificateOf = (peer: string) =>
  `-----BEGIN CERTIFICATE-----\n${peer.replaceAll("-", "").padEnd(certificateBytes - 55, "A")}\n-----END CERTIFICATE-----\n`;

/** Makes the plan and the objects of a hub with so many sites, and measures them. */
export function scaleRow(sites: number): ScaleRow {
  const [each, bundled] = [false, true].map((bundle) => hubOf(planText(hubAndSites(sites, bundle)).plan));
  if (!each || !bundled) throw new Error("no plan");
  const trust = each.filter(({ kind }) => kind === "Secret");
  const list = each.find((object) => object.kind === "BigPeer" && object.text.includes("trustedCASecrets"));
  const bundle = bundled.find(({ kind }) => kind === "Secret");
  return {
    sites,
    trustList: list?.text.length ?? 0,
    trustSecrets: trust.length,
    bundle: bundle?.text.length ?? 0,
    replication: each.find(({ kind }) => kind === "BigPeerReplication")?.text.length ?? 0,
    ports: new Set(planText(hubAndSites(sites, false)).plan.exposures.map(({ port }) => port)).size,
    resources: each.length,
    // Pulumi keeps the inputs and the outputs of a resource, and for Kubernetes the last applied ones in both.
    state: each.reduce((sum, { text }) => sum + 2 * text.length + resourceFrame, 0),
    exported: sites * (certificateOf("").length + 40),
  };
}

/** URN, parent, provider, dependencies and times of a resource in a state, in bytes. */
const resourceFrame = 1500;

function hubOf(plan: Plan): { readonly kind: string; readonly text: string }[] {
  const base64 = (...peers: readonly string[]) => Buffer.from(bundleOf(peers.map(certificateOf))).toString("base64");
  return clusterManifests(plan, "hub", { ...placeholders, caCertificates: base64 }).map(({ manifest }) => ({
    kind: manifest.kind,
    text: JSON.stringify(manifest),
  }));
}

function hubAndSites(sites: number, bundle: boolean): string {
  const names = Array.from({ length: sites }, (_, index) => `site-${String(index).padStart(5, "0")}`);
  return `environment: production
operator: { trustSecret: { certificateKey: ca.crt, bundle: ${bundle} } }
clusters:
  hub: { stack: hub, ingress: { host: hub.example.com } }
${names.map((name) => `  ${name}: { stack: ${name}, inbound: none }`).join("\n")}
peers:
  hub: { cluster: hub, version: 1.63.2 }
${names.map((name) => `  ${name}: { cluster: ${name}, version: 1.63.2 }`).join("\n")}
apps:
  shop: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: [hub, ${names.join(", ")}] }
replications:
  orders: { app: shop, hub: hub, spokes: [${names.join(", ")}], up: { orders: ["state = 'paid'"] } }
`;
}

/** The rows as a table of Markdown. */
function scaleTable(rows: readonly ScaleRow[]): string {
  return [
    "| sites of a hub | its trust list | trust Secrets | or one bundle | its BigPeerReplication | ports | resources of its stack | its state | its output `topology` |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map(scaleLine),
  ].join("\n");
}

export function scaleLine(row: ScaleRow): string {
  const cells = [
    row.sites.toLocaleString("en"),
    size(row.trustList),
    row.trustSecrets.toLocaleString("en"),
    size(row.bundle),
    size(row.replication),
    String(row.ports),
    row.resources.toLocaleString("en"),
    size(row.state),
    size(row.exported),
  ];
  return `| ${cells.join(" | ")} |`;
}

function size(bytes: number): string {
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

if (process.argv[1] === import.meta.filename) console.log(scaleTable([10, 200, 1000, 10_000].map(scaleRow)));
