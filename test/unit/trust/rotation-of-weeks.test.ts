import { describe, expect, test } from "vitest";
import { issueLeaf } from "../../../lab/operator/authority.ts";
import { type StackExports, stackExports } from "../../../program/stack-exports.ts";
import { trustOfPeer } from "../../../program/trust.ts";
import { planText } from "../../../topology/check.ts";
import { lookAtPeer } from "../../../trust/shown-by-peer.ts";
import { certificatesShownAt } from "../../../trust/shown-certificates.ts";
import { all, authority, connectedPair, flushed, freePort, peer } from "../../support/big-peers-on-loopback.ts";
import { blueCars } from "../../support/blue-cars.ts";

const { plan } = planText(
  blueCars(`  east: { inbound: none }
  west: { ingress: { ports: 4040-4049 } }`),
);
const dayMs = 24 * 60 * 60 * 1000;
const nothing = { contract: 1, peers: {}, replications: {}, exposures: {}, apps: {}, trusted: {}, dialled: {} };

describe("a rotation that takes weeks", () => {
  // The days are simulated: every update gets a `now` of its own, the certificate is issued anew on the 60th day as cert-manager does it for one
  // of 90 days, and in between each day breaks the connection, since a peer that is cut off is seen only by those who connect again.
  test("loses no document, though there is an update each day and a new connection after each", async () => {
    const { dialler, target, address } = await connectedPair({ dialler: all, target: all });
    const renewed = await authority("ca-of-bp2");
    const start = Date.parse("2026-11-26T08:00:00Z");
    let before: StackExports = stackExports.parse({ ...nothing, trusted: { bp2: target.ca.certificate } });
    const trustedOn = new Map<number, number>();
    for (let day = 0; day <= 62; day++) {
      if (day === 60) await target.configure({ identity: await issueLeaf(renewed, "bp2") });
      const decided = await trustOfPeer("bp2", renewed.certificate, {
        ...{ before, other: undefined, now: new Date(start + day * dayMs), limitMs: undefined },
        look: () => lookAtPeer(plan, "bp2", { exposed: () => address }),
      });
      before = stackExports.parse({
        ...nothing,
        trusted: { bp2: decided.certificates },
        former: { bp2: decided.former },
        shown: decided.shown === undefined ? {} : { bp2: decided.shown },
      });
      trustedOn.set(day, 1 + decided.former.length);
      await dialler.configure({ trusted: [{ secret: "bp1-trusts-bp2", pem: decided.certificates }] });
      const { replications } = dialler.config;
      await dialler.configure({ replications: replications.map((each) => ({ ...each, connections: [] })) });
      await dialler.configure({ replications });
      await flushed(target, dialler);
    }
    expect([...trustedOn.values()]).toEqual([...Array(60).fill(2), 1, 1, 1]);
  });
});

describe("what a replication port shows", () => {
  test("is seen without a certificate of one's own, and cuts nobody off", async () => {
    const { dialler, target, port } = await connectedPair({ dialler: all, target: all });
    const chain = await certificatesShownAt({ host: "127.0.0.1", port });
    expect(chain[0]?.subject).toBe("CN=bp2");
    expect([dialler.connected, target.status.inbound]).toEqual([[true], 1]);
    await flushed(dialler, target);
  });

  test("is an error with a reason where nobody listens, and where somebody does who does not speak TLS", async () => {
    await expect(certificatesShownAt({ host: "127.0.0.1", port: await freePort() })).rejects.toThrow("ECONNREFUSED");
    const plain = await peer("bp3");
    const { host, port } = plain.config.api ?? { host: "", port: 0 };
    await expect(certificatesShownAt({ host, port })).rejects.toThrow(/does not speak TLS|hung up/);
  });

  test("is unknown of a peer that only dials, and of one of which no address is known", async () => {
    expect(await lookAtPeer(plan, "bp1", { exposed: () => undefined })).toEqual({
      unknown: "it only dials, so only the peers that it dials see its certificate",
    });
    expect(await lookAtPeer(plan, "bp2", { exposed: () => undefined })).toEqual({
      unknown: "no address of its replication blue-cars is known here",
    });
  });

  test("is looked at within the cluster where the exposed address leads nowhere from here", async () => {
    const { port } = await connectedPair({ dialler: all, target: all });
    const asked: string[] = [];
    const nowhere = `127.0.0.1:${await freePort()}`;
    const look = await lookAtPeer(plan, "bp2", {
      exposed: () => nowhere,
      within: async (service, run) => {
        asked.push(`${service.namespace}/${service.name}:${service.port}`);
        return run([{ host: "127.0.0.1", port }]);
      },
    });
    expect(asked).toEqual(["ditto/ditto-bp2-replication-blue-cars-bp2:4040"]);
    expect("chains" in look && look.chains.map(([leaf]) => leaf?.subject)).toEqual(["CN=bp2"]);
    const refused = await lookAtPeer(plan, "bp2", {
      exposed: () => nowhere,
      within: () => Promise.reject(new Error("HTTP 403")),
    });
    expect(refused).toEqual({
      unknown: `${nowhere} cannot be inspected from here (ECONNREFUSED), and the Service ditto/ditto-bp2-replication-blue-cars-bp2 cannot be inspected from here (HTTP 403)`,
    });
  });
});
