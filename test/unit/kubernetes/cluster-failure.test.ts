import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { readLive } from "../../../status/live-objects.ts";
import { planText } from "../../../topology/check.ts";
import { plannedObjects } from "../../../topology/diff/object-changes.ts";
import { referenceOf } from "../../../topology/objects/object-reference.ts";

const { plan } = planText(`
clusters: { dev: { context: dev-context } }
peers: { bp1: { cluster: dev, version: 1.63.2 } }
apps: { cars: { peers: [bp1] } }
`);

/** A port of this machine that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

test("an object that nobody could look at is told with its context and the cause", async () => {
  const server = `http://127.0.0.1:${await closedPort()}`;
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "dev-context", context: { cluster: "c", user: "u" } }],
  });
  const { live } = await readLive(plan, kubeconfig);
  const peer = plannedObjects(plan).find(({ manifest }) => manifest.kind === "BigPeer");
  const ref = peer && referenceOf("dev", peer.manifest, "object");
  expect(ref && live?.(ref)).toEqual({
    unknown: expect.stringMatching(
      /^BigPeer ditto\/bp1 of cluster "dev" cannot be read: nothing listens .*ECONNREFUSED.* \(context "dev-context", http:.*\); check /,
    ),
  });
});
