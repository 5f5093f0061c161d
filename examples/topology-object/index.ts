/** A topology in a program: the same update creates its namespaces, and a secret from the configuration is part of a Big Peer. */
import { core, Provider } from "@pulumi/kubernetes";
import { Config } from "@pulumi/pulumi";
import { BigPeerTopology } from "bigpeer-topology";

const config = new Config();
const contexts = { east: config.get("eastContext") ?? "east", west: config.get("westContext") ?? "west" };
const namespace = (cluster: "east" | "west") => {
  const provider = new Provider(`namespaces-${cluster}`, { context: contexts[cluster] });
  return new core.v1.Namespace(cluster, { metadata: { name: "bigpeers" } }, { provider }).metadata.name;
};
const token = config.getSecret("token");

const cars = new BigPeerTopology("cars", {
  topology: {
    environment: "development",
    clusters: {
      east: { context: contexts.east, namespace: namespace("east") },
      west: {
        context: contexts.west,
        namespace: namespace("west"),
        exposure: { ingressNginx: { host: config.get("westHost") ?? "bp.west.example.com" } },
      },
    },
    peers: {
      bp1: { cluster: "east", version: "1.63.2", auth: { playground: { token } } },
      bp2: { cluster: "west", version: "1.63.2" },
    },
    apps: { cars: { peers: ["bp1", "bp2"] } },
    replications: { "blue-cars": { app: "cars", between: ["bp1", "bp2"], queries: { cars: "color = 'blue'" } } },
  },
});

export const { topology, tokens, pending, objects, declared } = cars;
export const certificates = cars.certificates;
