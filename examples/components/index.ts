/** Two Big Peers in two clusters and blue cars both ways, without a topology file: the components used directly. */
import { Provider } from "@pulumi/kubernetes";
import { Config } from "@pulumi/pulumi";
import { BigPeer, BigPeerApp, CaTrust, certificateReader, Replication, TcpExposure } from "bigpeer-topology";

const config = new Config();
const contexts = { east: config.get("eastContext") ?? "east", west: config.get("westContext") ?? "west" };
const namespace = "ditto";
// Without an Ingress controller, Kafka's listener for clients outside the cluster would be waited for without end.
const settings = { version: "1.63.2", kafkaListener: false };

const east = new Provider("east", { context: contexts.east, enableServerSideApply: true });
const west = new Provider("west", { context: contexts.west, enableServerSideApply: true });

const bp1 = new BigPeer(
  "bp1",
  { name: "bp1", namespace, settings, certificates: certificateReader({ context: contexts.east }) },
  { providers: [east] },
);
const bp2 = new BigPeer(
  "bp2",
  { name: "bp2", namespace, settings, certificates: certificateReader({ context: contexts.west }) },
  { providers: [west] },
);

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const carsOnBp1 = new BigPeerApp(
  "cars-bp1",
  { name: "cars-bp1", namespace, peer: bp1.name, id },
  { providers: [east] },
);
const carsOnBp2 = new BigPeerApp(
  "cars-bp2",
  { name: "cars-bp2", namespace, peer: bp2.name, id },
  { providers: [west] },
);

new CaTrust(
  "bp1-trust",
  {
    peer: bp1.name,
    namespace,
    trusts: [{ peer: "bp2", secret: "bp1-trusts-bp2", certificates: bp2.caCertificate }],
  },
  { providers: [east] },
);
new CaTrust(
  "bp2-trust",
  {
    peer: bp2.name,
    namespace,
    trusts: [{ peer: "bp1", secret: "bp2-trusts-bp1", certificates: bp1.caCertificate }],
  },
  { providers: [west] },
);

const subscribes = { cars: ["color = 'blue'"] };
const port = 4040;
const blueCars = new Replication("blue-cars", {
  sides: [
    {
      peer: "bp1",
      namespace,
      name: "blue-cars-bp1",
      app: carsOnBp1.name,
      subscribes,
      connections: [`bp.west.example.com:${port}`],
      provider: east,
    },
    { peer: "bp2", namespace, name: "blue-cars-bp2", app: carsOnBp2.name, subscribes, provider: west },
  ],
});

new TcpExposure(
  "west",
  {
    controller: { namespace: "ingress-nginx", service: "ingress-nginx-controller", configMap: "tcp-services" },
    exposures: [{ port, backend: { namespace, service: "ditto-bp2-replication-blue-cars-bp2", port: 4040 } }],
  },
  { providers: [west] },
);

export const addresses = blueCars.addresses;
