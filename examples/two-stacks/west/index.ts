/** The stack of the west, which exposes its Big Peer. Run it first; its second update adds trust in bp1, once the east has exported its certificate. */
import { Provider } from "@pulumi/kubernetes";
import { Config, StackReference } from "@pulumi/pulumi";
import {
  BigPeer,
  BigPeerApp,
  CaTrust,
  certificateReader,
  exportedTopology,
  peerOf,
  Replication,
  TcpExposure,
} from "bigpeer-topology";

const config = new Config();
const context = config.get("context") ?? "west";
const provider = new Provider("west", { context, enableServerSideApply: true });

const bp2 = new BigPeer(
  "bp2",
  {
    namespace: "ditto",
    settings: { version: "1.63.2", kafkaListener: false },
    certificates: certificateReader({ context }),
  },
  { provider },
);
const cars = new BigPeerApp("cars-bp2", { peer: bp2, id: "2164bef3-37c0-489c-9ac6-c94b034525d7" });
const { targets } = new Replication("blue-cars", { sides: [{ app: cars, subscribes: { cars: ["color = 'blue'"] } }] });
const exposure = new TcpExposure(
  "west",
  {
    controller: { namespace: "ingress-nginx", service: "ingress-nginx-controller", configMap: "tcp-services" },
    exposures: Object.values(targets),
    host: "bp.west.example.com",
    // After the first update: `pulumi config set portsAreOpen true`. Pulumi compares lists by position, and treats the ports of others as a change.
    portsAreOpen: config.getBoolean("portsAreOpen"),
  },
  { provider },
);

// Run `pulumi config set east organization/bigpeer-east/dev` once that stack has been updated.
const east = config.get("east");
if (east !== undefined)
  new CaTrust("bp2-trust", { peer: bp2, trusts: [peerOf(new StackReference("east", { name: east }), "bp1")] });

export const topology = exportedTopology({
  peers: [bp2],
  apps: { cars },
  exposures: Object.fromEntries(Object.entries(targets).map(([peer, each]) => [peer, exposure.addressOf(each)])),
});
