/** A hub that every edge dials: prices flow down to the edges, and the sales of each edge flow up. */
import { Provider } from "@pulumi/kubernetes";
import { Config } from "@pulumi/pulumi";
import { BigPeer, BigPeerApp, CaTrust, certificateReader, Replication, TcpExposure } from "bigpeer-topology";

const config = new Config();
const edges = config.getObject<string[]>("edges") ?? ["store-1", "store-2"];
const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const shop = { replication: "shop" };

function bigPeer(name: string, context: string) {
  const provider = new Provider(name, { context, enableServerSideApply: true });
  const args = {
    namespace: "ditto",
    settings: { version: "1.63.2", kafkaListener: false },
    certificates: certificateReader({ context }),
  };
  const peer = new BigPeer(name, args, { provider });
  return { peer, provider, app: new BigPeerApp(`shop-${name}`, { peer, id }) };
}

const hub = bigPeer("hub", config.get("hubContext") ?? "hub");
const stores = edges.map((name) => bigPeer(name, name));
new CaTrust("hub-trust", { peer: hub.peer, trusts: stores.map(({ peer }) => peer) });

const { targets } = new Replication("shop-hub", {
  ...shop,
  sides: [{ app: hub.app, subscribes: { sales: ["true"] } }],
});
const exposure = new TcpExposure(
  "hub",
  {
    controller: { namespace: "ingress-nginx", service: "ingress-nginx-controller", configMap: "tcp-services" },
    exposures: Object.values(targets),
    host: "hub.example.com",
    // After the first update: `pulumi config set portsAreOpen true`. Pulumi compares lists by position, and treats the ports of others as a change.
    portsAreOpen: config.getBoolean("portsAreOpen"),
  },
  { provider: hub.provider },
);
const connections = Object.values(targets).map((each) => exposure.addressOf(each));

for (const { peer, app } of stores) {
  new CaTrust(`${peer.peer}-trust`, { peer, trusts: [hub.peer] });
  new Replication(`shop-${peer.peer}`, { ...shop, sides: [{ app, subscribes: { prices: ["true"] }, connections }] });
}

export const dialled = connections;
