/** A strict program that uses the installed package by everything that it exports: type-checked and run by a test. */
export const installedProgram = `
import { Provider } from "@pulumi/kubernetes";
import { output } from "@pulumi/pulumi";
import {
  type Auth, BigPeer, BigPeerApp, type BigPeerSettings, CaTrust, certificateReader, type ExposedBackend, type ExposedService,
  type GatewaySettings, type IngressController, type Manifest, type OperatorContract, type Queries, Replication, type RoutedTarget,
  type Transform, type TransportController, type TransportTarget, type WaySettings,
} from "bigpeer-topology";
import { bigPeerPolicies } from "bigpeer-topology/policy";
import { type Plan, planText } from "bigpeer-topology/topology";

export type Named = [ExposedBackend, ExposedService, GatewaySettings, IngressController, OperatorContract, RoutedTarget, TransportController, TransportTarget, WaySettings<"gateway">, Plan];
const settings: BigPeerSettings = { version: output("1.63.2"), store: { resources: { requests: { cpu: output("100m") } } }, kafkaListener: false };
const auth: Auth = { playground: { permissions: { read: "everything", write: "everything" } } };
const queries: Queries = { cars: ["color = 'blue'"] };
const labelled: Transform = (manifest: Manifest) => ({ ...manifest, metadata: { ...manifest.metadata, labels: { ...manifest.metadata.labels, team: "cars" } } });

const { plan } = planText("environment: development\\nclusters: { dev: {} }\\npeers: { bp1: { cluster: dev, version: 1.63.2 } }\\n");
const namespace: string = [...plan.clusters.values()][0]?.namespace ?? "";
const provider = new Provider("dev", { context: "dev", enableServerSideApply: true });
const certificates = certificateReader({ context: "dev" });
const bp1 = new BigPeer("bp1", { name: "bp1", namespace, settings, auth, certificates, transform: { bigPeer: labelled } }, { providers: [provider] });
const bp2 = new BigPeer("bp2", { name: "bp2", namespace, settings, certificates }, { providers: [provider] });
const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const apps = [bp1, bp2].map((peer, index) => new BigPeerApp(\`cars-bp\${index + 1}\`, { name: \`cars-bp\${index + 1}\`, namespace, peer: peer.name, id }, { providers: [provider] }));
new CaTrust("bp1-trusts", { peer: bp1, namespace, trusts: [{ peer: "bp2", secret: "bp1-trusts-bp2", certificates: bp2.caCertificate }] }, { providers: [provider] });
const cars = new Replication("cars", {
  sides: [
    { peer: "bp1", namespace, name: "cars-bp1", app: "cars-bp1", subscribes: queries },
    { peer: "bp2", namespace, name: "cars-bp2", app: "cars-bp2", subscribes: queries },
  ],
}, { dependsOn: apps, provider });
export const addresses = cars.addresses;
export const policies = bigPeerPolicies.length;
`;

/** What the type checker is told: everything strict, and Node.js' own resolution. */
export const strictConfiguration = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    types: ["node"],
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
  files: ["index.ts"],
};
