import { runtime } from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

let registered: Registered[] = [];
await runtime.setMocks(
  {
    newResource({ type, name, inputs }) {
      registered.push({ type, name, inputs });
      return {
        id: `${name}-id`,
        state: { ...inputs, result: type.includes("Password") ? "generated-token" : "generated-uuid" },
      };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "test",
  false,
);

const { BigPeer } = await import("../../components/big-peer.ts");
const { CaTrust } = await import("../../components/ca-trust.ts");
const { Replication } = await import("../../components/replication.ts");
const { onlyCertificates } = await import("../../components/certificate-reader.ts");
const { isSecret, output } = await import("@pulumi/pulumi");

const certificates = { read: () => output("PEM of the CA") };

async function made(build: () => unknown): Promise<Registered[]> {
  build();
  // Registrations are promises behind promises; they are done when none is added any more.
  let before = -1;
  while (before !== registered.length) {
    before = registered.length;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return registered;
}

beforeEach(() => {
  registered = [];
});

const only = (kind: string) => registered.filter(({ type }) => type.endsWith(kind));

describe("BigPeer", () => {
  test("waits for Ready within its time limit and passes settings on", async () => {
    const settings = { version: "1.63.2", store: { replicas: 3, storage: "10Gi" }, spec: { cdc: { enabled: true } } };
    await made(() => new BigPeer("bp1", { name: "bp1", namespace: "ditto", settings, certificates, readyTimeout: 60 }));
    expect(
      only(":BigPeer")
        .map(({ inputs }) => inputs)
        .at(-1),
    ).toMatchObject({
      metadata: {
        name: "bp1",
        namespace: "ditto",
        annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "60" },
      },
      spec: { version: "1.63.2", store: { replicas: 3, storage: { size: "10Gi" } }, cdc: { enabled: true } },
    });
  });

  test("generates a playground token, as a secret, only where none is given", async () => {
    const playground = { permissions: { read: "everything" as const, write: "nothing" as const } };
    const base = { namespace: "ditto", settings: { version: "1.63.2" }, auth: { playground }, certificates };
    const peers = await Promise.all(
      [undefined, "given"].map(async (playgroundToken, index) => {
        const peer = new BigPeer(`bp${index}`, { ...base, name: `bp${index}`, playgroundToken });
        return {
          token: await promiseOf(peer.playgroundToken),
          secret: peer.playgroundToken && (await isSecret(peer.playgroundToken)),
        };
      }),
    );
    expect(peers).toEqual([
      { token: "generated-token", secret: true },
      { token: "given", secret: true },
    ]);
    expect(only("RandomPassword")).toHaveLength(1);
  });
});

describe("CaTrust", () => {
  test("hands over the certificate alone and lists its Secret on the Big Peer", async () => {
    const trusts = [{ peer: "bp2", secret: "bp1-trusts-bp2", certificates: "PEM" }];
    await made(() => new CaTrust("bp1-trust", { peer: "bp1", namespace: "ditto", trusts }));
    expect(only("Secret")[0]?.inputs).toMatchObject({
      metadata: { name: "bp1-trusts-bp2", namespace: "ditto" },
      data: { value: { "ca.crt": Buffer.from("PEM").toString("base64") } },
    });
    expect(only("BigPeerPatch")[0]?.inputs).toMatchObject({
      metadata: { name: "bp1", annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { auth: { trustedCASecrets: [{ name: "bp1-trusts-bp2" }] } },
    });
  });

  test("refuses a Secret value without a certificate and drops a key that stands beside one", () => {
    const place = { namespace: "ditto", secret: "ditto-bp1-ca", key: "tls.crt" };
    expect(() => onlyCertificates("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----", place)).toThrow(
      /ditto\/ditto-bp1-ca, key tls.crt: holds no certificate/,
    );
  });
});

describe("Replication", () => {
  test("is one object a side: the target dials nobody, the source of a one-way one subscribes to nothing", async () => {
    const queries = { cars: ["color = 'red'"] };
    const sides = [
      { peer: "bp1", namespace: "ditto", name: "red-bp1", app: "cars-bp1", connections: ["bp2.example.com:4040"] },
      { peer: "bp2", namespace: "ditto", name: "red-bp2", app: "cars-bp2", subscribes: queries },
    ];
    await made(() => new Replication("red", { sides }));
    expect(only(":BigPeerReplication").map(({ inputs }) => [inputs.metadata, inputs.spec])).toEqual([
      [
        expect.objectContaining({
          labels: expect.objectContaining({ "ditto.live/app": "cars-bp1", "ditto.live/big-peer": "bp1" }),
        }),
        { connections: ["bp2.example.com:4040"], queriesByCollection: {} },
      ],
      [
        expect.objectContaining({
          labels: expect.objectContaining({ "ditto.live/app": "cars-bp2", "ditto.live/big-peer": "bp2" }),
        }),
        { connections: [], queriesByCollection: queries },
      ],
    ]);
  });
});

function promiseOf<T>(value: import("@pulumi/pulumi").Output<T> | undefined): Promise<T | undefined> {
  return new Promise((resolve) => (value ? value.apply(resolve) : resolve(undefined)));
}
