/** Red cars flow from bp1 to bp2 and never back. Which side dials does not depend on this: bp2 does, since nobody can reach its cluster. */
import { Provider } from "@pulumi/kubernetes";
import { Config } from "@pulumi/pulumi";
import { BigPeer, BigPeerApp, CaTrust, certificateReader, Replication, ServiceExposure } from "bigpeer-topology";

const config = new Config();
const contexts = { source: config.get("sourceContext") ?? "source", closed: config.get("closedContext") ?? "closed" };
const source = new Provider("source", { context: contexts.source, enableServerSideApply: true });
const closed = new Provider("closed", { context: contexts.closed, enableServerSideApply: true });

const peer = { namespace: "ditto", settings: { version: "1.63.2", kafkaListener: false } };
const bp1 = new BigPeer(
  "bp1",
  { ...peer, certificates: certificateReader({ context: contexts.source }) },
  { provider: source },
);
const bp2 = new BigPeer(
  "bp2",
  { ...peer, certificates: certificateReader({ context: contexts.closed }) },
  { provider: closed },
);
new CaTrust("bp1-trust", { peer: bp1, trusts: [bp2] });
new CaTrust("bp2-trust", { peer: bp2, trusts: [bp1] });

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
// The source subscribes to nothing, so nothing flows to it.
const redCars = { replication: "red-cars" };
const target = new Replication("red-cars-source", {
  ...redCars,
  sides: [{ app: new BigPeerApp("cars-bp1", { peer: bp1, id }) }],
});
const exposures = Object.values(target.targets).map(
  (each) =>
    new ServiceExposure(
      each.object,
      {
        service: { type: "LoadBalancer", settings: { sourceRanges: ["203.0.113.0/24"] } },
        target: each,
        host: "red-cars.source.example.com",
      },
      { provider: source },
    ),
);
new Replication("red-cars-closed", {
  ...redCars,
  sides: [
    {
      app: new BigPeerApp("cars-bp2", { peer: bp2, id }),
      subscribes: { cars: ["color = 'red'"] },
      connections: exposures.map((each) => each.address()),
    },
  ],
});

export const dialled = exposures.map((each) => each.address());
