import { describe, expect, test } from "vitest";
import {
  claimNetwork,
  clusterAddresses,
  contains,
  ingressAddress,
  maximumClusters,
  nodeAddress,
} from "../../../lab/addresses.ts";
import { PublicAddresses } from "../../../lab/exposure/public-addresses.ts";
import { createNetwork, type NetworkCluster } from "../../../lab/network.ts";

describe("addresses", () => {
  test("no two clusters of a lab share an address, and no service range holds one of another's", () => {
    const all = Array.from({ length: maximumClusters }, (_, index) => clusterAddresses(16, index + 1));
    const controllers = [1, 2, 3, 4, 5, 6, 7];
    const single = all.flatMap(({ controlPlane }, index) => [
      controlPlane,
      nodeAddress(16, index + 1),
      ...controllers.map((controller) => ingressAddress(16, index + 1, controller)),
    ]);
    expect(new Set(single).size).toBe(9 * maximumClusters);
    const ranges = all.map(({ serviceCidr }) => serviceCidr);
    const bases = ranges.map((range) => range.replace(/\/.*/, ""));
    for (const range of ranges) {
      expect(bases.filter((base) => contains(range, base))).toHaveLength(1);
      expect(single.filter((address) => contains(range, address))).toEqual([]);
    }
  });

  test("a cluster more than the service ranges allow is refused", () => {
    expect(() => clusterAddresses(16, maximumClusters + 1)).toThrow(/at most 31 clusters/);
  });

  test.each([
    ["127.16.8.0/21", "127.16.8.0", true],
    ["127.16.8.0/21", "127.16.15.255", true],
    ["127.16.8.0/21", "127.16.16.0", false],
    ["127.16.8.0/21", "127.17.8.1", false],
    ["127.16.8.0/21", "localhost", false],
    ["127.16.8.0/21", "::1", false],
    ["127.16.8.0/21", "127.16.8.256", false],
  ])("%s holds %s: %s", (cidr, address, holds) => {
    expect(contains(cidr, address)).toBe(holds);
  });

  test("two labs never get the same network, and a released one is free again", async () => {
    const first = await claimNetwork(7);
    const second = await claimNetwork(first.number - 16);
    expect(second.number).not.toBe(first.number);
    await first.release();
    const third = await claimNetwork(first.number - 16);
    expect(third.number).toBe(first.number);
    await Promise.all([second.release(), third.release()]);
  });
});

describe("name resolution", () => {
  const cluster = (
    name: string,
    index: number,
    services: Record<string, string>,
    ...ingressHosts: string[]
  ): NetworkCluster => {
    const { serviceCidr } = clusterAddresses(16, index);
    const hosts = ingressHosts.length === 0 ? [undefined] : ingressHosts;
    const ingresses = hosts.map((host, each) => ({ host, address: ingressAddress(16, index, each + 1) }));
    const clusterIp = async (namespace: string, service: string) => services[`${namespace}/${service}`];
    return { name, ingresses, serviceCidr, clusterIp };
  };
  const published = new PublicAddresses(16);
  const network = createNetwork(
    [
      cluster("east", 1, { "ditto/bp1": "127.16.8.9" }, "bp.east.example.com"),
      cluster("west", 2, { "ditto/bp2": "127.16.16.9" }),
    ],
    published,
  );

  test("a Service resolves in its own cluster to its ClusterIP", async () => {
    await expect(network.resolve("east", "bp1.ditto.svc.cluster.local")).resolves.toBe("127.16.8.9");
    await expect(network.resolve("east", "BP1.ditto.svc.cluster.local.")).resolves.toBe("127.16.8.9");
  });

  test("a Service of another cluster is not found", async () => {
    await expect(network.resolve("west", "bp1.ditto.svc.cluster.local")).rejects.toMatchObject({
      code: "ENOTFOUND",
      message: "getaddrinfo ENOTFOUND bp1.ditto.svc.cluster.local",
    });
  });

  test("an ingress host resolves from every cluster to its cluster's ingress", async () => {
    for (const from of ["east", "west"])
      await expect(network.resolve(from, "bp.East.example.com")).resolves.toBe("127.16.1.1");
  });

  test.each(["bp1", "bp1.ditto", "bp1.ditto.svc", "localhost", "example.com", "a.bp1.ditto.svc.cluster.local", ""])(
    "the name %j is not found",
    async (host) => {
      await expect(network.resolve("east", host)).rejects.toMatchObject({ code: "ENOTFOUND" });
    },
  );

  test("an address of the own service range or of any ingress is reachable as it is", async () => {
    for (const address of ["127.16.8.200", "127.16.1.1", "127.16.1.2"])
      await expect(network.resolve("east", address)).resolves.toBe(address);
  });

  test.each(["127.16.16.9", "127.16.0.11", "127.0.0.1", "10.0.0.1", "::1"])(
    "the address %s is unreachable",
    async (address) => {
      await expect(network.resolve("east", address)).rejects.toMatchObject({ code: "ENETUNREACH" });
    },
  );

  test("a load balancer is reached from every cluster by its address and its name, for as long as it is there", async () => {
    const address = published.take();
    published.name(address, ["LB.west.example.com"]);
    for (const from of ["east", "west"]) {
      await expect(network.resolve(from, address)).resolves.toBe(address);
      await expect(network.resolve(from, "lb.west.example.com.")).resolves.toBe(address);
    }
    published.release(address);
    await expect(network.resolve("east", address)).rejects.toMatchObject({ code: "ENETUNREACH" });
    await expect(network.resolve("east", "lb.west.example.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  test("an address outside of the lab that somebody else provides leads to where it is published", async () => {
    await expect(network.resolve("east", "203.0.113.7")).rejects.toMatchObject({ code: "ENETUNREACH" });
    const address = published.take();
    published.name(address, ["203.0.113.7"]);
    await expect(network.resolve("east", "203.0.113.7")).resolves.toBe(address);
    published.release(address);
  });

  test("an unknown cluster is a mistake of the caller", async () => {
    await expect(network.resolve("north", "x")).rejects.toThrow(/no cluster north; it has east, west/);
  });
});
