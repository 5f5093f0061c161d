/** The stack of the east. Its Big Peer dials the one in the west, whose certificate, app ID and address it reads through a stack reference. */
import { Provider } from "@pulumi/kubernetes";
import { Config, StackReference } from "@pulumi/pulumi";
import {
  appIdOf,
  BigPeer,
  BigPeerApp,
  CaTrust,
  certificateReader,
  exportedTopology,
  exposedBy,
  peerOf,
  Replication,
} from "bigpeer-topology";

const config = new Config();
const context = config.get("context") ?? "east";
const provider = new Provider("east", { context, enableServerSideApply: true });
const west = new StackReference("west", { name: config.get("west") ?? "organization/bigpeer-west/dev" });

const bp1 = new BigPeer(
  "bp1",
  {
    namespace: "ditto",
    settings: { version: "1.63.2", kafkaListener: false },
    certificates: certificateReader({ context }),
  },
  { provider },
);
new CaTrust("bp1-trust", { peer: bp1, trusts: [peerOf(west, "bp2")] });
const cars = new BigPeerApp("cars-bp1", { peer: bp1, id: appIdOf(west, "cars") });
new Replication("blue-cars", {
  sides: [{ app: cars, subscribes: { cars: ["color = 'blue'"] }, connections: [exposedBy(west, "bp2")] }],
});

export const topology = exportedTopology({ peers: [bp1], apps: { cars } });
