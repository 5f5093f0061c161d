import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type ApiKeys, type KeyRequest, serveManagementApi } from "../../../lab/operator/management-api.ts";
import { planText } from "../../../topology/check.ts";
import { verifyGrants } from "../../../topology/objects/access.ts";
import { ManagementApi } from "../../../verify/api-keys.ts";
import type { TokenOwner } from "../../../verify/management-token.ts";
import { Session } from "../../../verify/session.ts";

const planOf = (operator = "{}") =>
  planText(`
operator: ${operator}
clusters: { dev: {} }
peers: { bp1: { cluster: dev, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1] } }
`).plan;
const withTokens = "{ managementApi: { authMode: k8s-token } }";

let stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
});

/** The stand-in of the management API. @param tokens those of the cluster; undefined: it asks for none */
async function managementApi(tokens?: readonly string[]) {
  const keys = new Map<string, KeyRequest>();
  const api: ApiKeys = {
    create: async (_, request) => {
      keys.set(request.name, request);
    },
    delete: async (_, name) => keys.delete(name),
  };
  const port = await freePort();
  const review = tokens && (async (token: string) => (tokens.includes(token) ? { user: "u" } : undefined));
  const { stop } = await serveManagementApi("127.0.0.1", port, api, review);
  stops.push(stop);
  return { url: `http://127.0.0.1:${port}`, keys };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

interface Sent {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

const resources = [{ name: "bigpeerapps", kind: "BigPeerApp", namespaced: true }];

/** An API server and a Big Peer in one, which tell what they were sent. @param refuses status by a part of the path */
async function cluster(refuses: Record<string, number> = {}) {
  const sent: Sent[] = [];
  const server: Server = createServer(async (request, response) => {
    const { url: path = "", headers } = request;
    let body = "";
    for await (const chunk of request) body += chunk;
    sent.push({ path, authorization: headers.authorization, body });
    const [, status] = Object.entries(refuses).find(([part]) => path.includes(part)) ?? [];
    response.writeHead(status ?? 200, { "content-type": "application/json" });
    if (path.endsWith("/token")) response.end(JSON.stringify({ status: { token: "of the ServiceAccount" } }));
    else if (path === "/apis/ditto.live/v1alpha1") response.end(JSON.stringify({ resources }));
    else if (path.includes("/store/execute")) response.end(JSON.stringify({ items: [] }));
    else response.end(JSON.stringify({ spec: { appId: "2164bef3-37c0-489c-9ac6-c94b034525d7" } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent };
}

async function session(options: {
  operator?: string;
  tokens?: readonly string[];
  user?: object;
  owner?: TokenOwner;
  apiVersion?: "v5";
  refuses?: Record<string, number>;
  management?: string;
}) {
  const [api, there] = [await managementApi(options.tokens), await cluster(options.refuses)];
  const kubeconfig = JSON.stringify({
    ...{ apiVersion: "v1", kind: "Config" },
    clusters: [{ name: "dev", cluster: { server: there.url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "dev", user: options.user ?? { token: "of the user" } }],
    contexts: [{ name: "dev", context: { cluster: "dev", user: "dev" } }],
  });
  const opened = new Session(planOf(options.operator), {
    kubeconfig: `${kubeconfig}\n`,
    reach: "cluster-ip",
    apis: { bp1: there.url },
    managementApis: { dev: options.management ?? api.url },
    managementToken: options.owner,
    apiVersion: options.apiVersion,
  });
  return { session: opened, keys: api.keys, sent: there.sent };
}

describe("a key of the management API", () => {
  test("comes without the line end behind it, and is made with all members of a permission", async () => {
    const { session: opened, keys, sent } = await session({});
    const documents = await opened.documents("cars", "bp1");
    await documents.has("cars", "1");
    const authorization = sent.find(({ path }) => path.includes("/store/execute"))?.authorization;
    expect(authorization).toMatch(/^Bearer [\w-]+$/);
    const everything = { everything: true, queriesByCollection: {} };
    expect([...keys.values()][0]?.permissions).toMatchObject({ read: everything, write: everything });
    expect(await opened.close()).toEqual([]);
    expect(keys.size).toBe(0);
  });
});

test.each([
  ["bare text with a line end", "key\n"],
  ["a JSON text", '" key\\n"'],
  ["an object", '{"key":"key "}'],
])("a key is taken without white space around it, from %s", async (_, answer) => {
  const server = createServer((_request, response) => void response.end(answer)).listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { namespace: "ditto", peer: "bp1", app: "cars-bp1" };
  expect(await new ManagementApi({ base, cluster: "dev", kubectl: "kubectl" }).createKey(target, "k", 1000)).toBe(
    "key",
  );
});

describe("a management API that asks for a Kubernetes token", () => {
  test("gets the token of the kubeconfig's user, at the making and at the deleting of a key", async () => {
    const { session: opened, keys } = await session({ operator: withTokens, tokens: ["of the user"] });
    await opened.documents("cars", "bp1");
    expect(keys.size).toBe(1);
    expect(await opened.close()).toEqual([]);
    expect(keys.size).toBe(0);
  });

  test("gets one of a ServiceAccount, where that is named, issued for a quarter of an hour", async () => {
    const owner = { namespace: "ditto", serviceAccount: "verifier" };
    const { session: opened, sent } = await session({
      ...{ operator: withTokens, tokens: ["of the ServiceAccount"], user: { username: "u", password: "p" }, owner },
    });
    await opened.documents("cars", "bp1");
    expect(await opened.close()).toEqual([]);
    const issued = sent.filter(({ path }) => path.endsWith("/token"));
    expect(issued.map(({ path }) => path)).toEqual(["/api/v1/namespaces/ditto/serviceaccounts/verifier/token"]);
    expect(JSON.parse(issued[0]?.body ?? "")).toMatchObject({ spec: { expirationSeconds: 900 } });
  });

  const refusal = async (options: Parameters<typeof session>[0]) => {
    const { session: opened } = await session(options);
    const message = await opened.documents("cars", "bp1").then(
      () => "",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    // What was never made is not left behind.
    expect(await opened.close()).toEqual([]);
    expect(message).not.toMatch(/of the user|of the ServiceAccount/);
    return message;
  };

  test("is named where the contract says that it asks for none, with the setting", async () => {
    const message = await refusal({ tokens: ["of the user"] });
    expect(message).toMatch(/HTTP 401.* asks for a token: set operator\.managementApi\.authMode to k8s-token/);
  });

  test("is named where it does not accept the token", async () => {
    const message = await refusal({ operator: withTokens, tokens: [] });
    expect(message).toMatch(
      /HTTP 401.* does not accept the token of the kubeconfig's user.*`kubectl --context dev auth whoami`.*--management-token/,
    );
  });

  test("is named where the kubeconfig's user has no token", async () => {
    const message = await refusal({ operator: withTokens, tokens: [], user: { username: "u", password: "p" } });
    expect(message).toMatch(/user of context dev has none.*--management-token <namespace>\/<name>/);
  });

  test.each([
    [403, /may not create serviceaccounts\/token verifier in ditto; `npx bigpeer rbac --for verify --management-token/],
    [404, /there is none; create it with `kubectl --context \S+ -n ditto create serviceaccount verifier`/],
  ])("is not asked where no token can be issued (HTTP %i)", async (status, message) => {
    const owner = { namespace: "ditto", serviceAccount: "verifier" };
    expect(await refusal({ operator: withTokens, tokens: [], owner, refuses: { "/token": status } })).toMatch(message);
  });

  test("does not get the user's token in plain text over a network", async () => {
    const message = await refusal({ operator: withTokens, management: "http://operator.example.com" });
    expect(message).toMatch(/in plain text: give an https URL/);
  });
});

describe("the HTTP API of a Big Peer", () => {
  const paths = async (options: Parameters<typeof session>[0]) => {
    const { session: opened, sent } = await session(options);
    await (await opened.documents("cars", "bp1")).has("cars", "1");
    await opened.close();
    return sent.map(({ path }) => path).filter((path) => path.includes("/store/execute"));
  };
  const at = (version: string) => [`/2164bef3-37c0-489c-9ac6-c94b034525d7/api/${version}/store/execute`];

  test("is asked in v4, or in the version of the contract, or in the one that the command names", async () => {
    expect(await paths({})).toEqual(at("v4"));
    expect(await paths({ operator: "{ apiService: { version: v5 } }" })).toEqual(at("v5"));
    expect(await paths({ apiVersion: "v5" })).toEqual(at("v5"));
  });

  test("that takes no DELETE over v4 is sent it over v5, so that nothing is left behind", async () => {
    const { session: opened, sent } = await session({ refuses: { "/api/v4/": 400 } });
    await (await opened.documents("cars", "bp1")).delete("cars", "d1");
    expect(sent.map(({ path }) => path).filter((path) => path.includes("/store/execute"))).toEqual([
      ...at("v4"),
      ...at("v5"),
    ]);
    await opened.close();
  });

  test("that takes a DELETE over neither is named with the document and both answers", async () => {
    const { session: opened } = await session({ refuses: { "/api/v": 405 } });
    const documents = await opened.documents("cars", "bp1");
    await expect(documents.delete("cars", "d1")).rejects.toThrow(
      /document d1 of cars: .*\/api\/v4\/.*HTTP 405.*via v5, too: .*\/api\/v5\/.*HTTP 405/,
    );
    await opened.close();
  });
});

test("the right to issue a token is asked for only where it is used", () => {
  const account = { namespace: "ditto", serviceAccount: "verifier" };
  const tokens = (plan: ReturnType<typeof planOf>, of?: typeof account) =>
    verifyGrants(plan, "dev", of).filter(({ resource }) => resource === "serviceaccounts/token");
  expect(tokens(planOf(), account)).toEqual([]);
  expect(tokens(planOf(withTokens))).toEqual([]);
  expect(tokens(planOf(withTokens), account)).toEqual([
    { namespace: "ditto", group: "", resource: "serviceaccounts/token", name: "verifier", verbs: ["create"] },
  ]);
});
