/** Two Big Peers in two clusters, with blue cars that flow both ways. The program has no topology file, and uses the components directly. */
import { Provider } from "@pulumi/kubernetes";
import { Config } from "@pulumi/pulumi";
import { BigPeer, BigPeerApp, CaTrust, certificateReader, Replication, TcpExposure } from "bigpeer-topology";

const config = new Config();
const contexts = { east: config.get("eastContext") ?? "east", west: config.get("westContext") ?? "west" };
const east = new Provider("east", { context: contexts.east, enableServerSideApply: true });
const west = new Provider("west", { context: contexts.west, enableServerSideApply: true });

// Without an Ingress controller, Kafka's listener for clients outside the cluster would never come up, and the update would wait for it forever.
const peer = { namespace: "ditto", settings: { version: "1.63.2", kafkaListener: false } };
const bp1 = new BigPeer(
  "bp1",
  { ...peer, certificates: certificateReader({ context: contexts.east }) },
  { provider: east },
);
const bp2 = new BigPeer(
  "bp2",
  { ...peer, certificates: certificateReader({ context: contexts.west }) },
  { provider: west },
);
new CaTrust("bp1-trust", { peer: bp1, trusts: [bp2] });
new CaTrust("bp2-trust", { peer: bp2, trusts: [bp1] });

// Everything that is created for a Big Peer is in its namespace and its cluster.
const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const carsOnBp1 = new BigPeerApp("cars-bp1", { peer: bp1, id });
const carsOnBp2 = new BigPeerApp("cars-bp2", { peer: bp2, id });

// The side that is dialled comes first: its target is exposed, and the other side dials the resulting address.
const blueCars = { replication: "blue-cars" };
const subscribes = { cars: ["color = 'blue'"] };
const target = new Replication("blue-cars-west", { ...blueCars, sides: [{ app: carsOnBp2, subscribes }] });
const exposure = new TcpExposure(
  "west",
  {
    controller: { namespace: "ingress-nginx", service: "ingress-nginx-controller", configMap: "tcp-services" },
    exposures: Object.values(target.targets),
    host: "bp.west.example.com",
    // After the first update: `pulumi config set portsAreOpen true`. Pulumi compares lists by position, and treats the ports of others as a change.
    portsAreOpen: config.getBoolean("portsAreOpen"),
  },
  { provider: west },
);
const connections = Object.values(target.targets).map((each) => exposure.addressOf(each));
const initiator = new Replication("blue-cars-east", {
  ...blueCars,
  sides: [{ app: carsOnBp1, subscribes, connections }],
});

export const addresses = { ...initiator.addresses, ...target.addresses };
export const dialled = connections;
