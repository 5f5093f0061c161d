import { expect, test } from "vitest";
import { createCa } from "../../../lab/operator/authority.ts";
import { readStack } from "../../../program/other-stacks.ts";
import { readController } from "../../../program/read-controller.ts";
import { checkSource, planText } from "../../../topology/check.ts";
import { parseSource } from "../../../topology/file/source.ts";

const { certificate, privateKey } = await createCa("bp2 CA");
const api = "ditto-bp2-api.ditto.svc.cluster.local:8080";
const told = { contract: 1, peers: { bp2: { caCertificate: certificate, api } }, replications: {}, exposures: {} };
const read = (topology: object, tokens: unknown = { apps: {} }) =>
  readStack("organization/bigpeer-topology/dev-west", async () => ({
    topology: { ...told, apps: {}, trusted: {}, ...topology },
    tokens,
  }));

test("of another stack's certificate only the certificate is taken, whatever stands beside it", async () => {
  const { exports } = await read({ peers: { bp2: { caCertificate: `${privateKey}${certificate}`, api } } });
  expect(exports?.peers.bp2?.caCertificate.trim()).toBe(certificate.trim());
});

test.each([
  [
    "a certificate that does not parse",
    { peers: { bp2: { caCertificate: certificate.replace(/\n.{20}/, "\n"), api } } },
  ],
  ["an address that nobody can dial", { exposures: { "west/blue-cars/bp2": "https://west" } }],
])("a stack that tells %s is waited for, not believed", async (_, topology) => {
  const stack = await read(topology);
  expect(stack.exports).toBeUndefined();
  expect("reason" in stack && stack.reason).toMatch(
    /^the output "topology\.[\w./-]+" of the stack .* has a form that this release cannot read/,
  );
});

test("a peer or app that is called like what every object has is known only if it was told", async () => {
  const stack = await read({});
  expect(stack.exports?.trusted.constructor).toBeUndefined();
  expect("tokens" in stack && stack.tokens.toString).toBeUndefined();
});

test("a controller's object that is not of its kind's form is named", async () => {
  const { plan } = planText("clusters: { west: { ingress: {} } }\npeers: {}\n");
  const ingress = plan.clusters.get("west")?.ingresses.get("default");
  if (!ingress) throw new Error("no ingress");
  const reading = readController(ingress, async () => ({ spec: { ports: { http: 80 } } }));
  await expect(reading).rejects.toThrow(
    "Service ingress-nginx/ingress-nginx-controller does not have the form of its kind: spec.ports:",
  );
});

test("a placeholder of the operator's names is no member of every object", () => {
  const { findings } = checkSource(
    parseSource("t.yaml", 'operator: { caSecret: { name: "{constructor}" } }\nclusters: {}\npeers: {}\n'),
  );
  expect(findings.map(({ rule }) => rule)).toEqual(["bad-value"]);
});

test("an ingress that is called like what every object has, and is not there, is found missing", () => {
  const text = `clusters: { a: { inbound: none }, b: { ingresses: { own: {} } } }
peers: { p: { cluster: a, version: 1.63.2 }, q: { cluster: b, version: 1.63.2, ingress: constructor } }
apps: { cars: { peers: [p, q] } }
replications: { r: { app: cars, between: [p, q], queries: { cars: "color = 'blue'" } } }
`;
  const { plan, findings } = checkSource(parseSource("t.yaml", text));
  expect(plan).toBeUndefined();
  expect(findings.filter(({ severity }) => severity === "error").map(({ path }) => path.join("."))).toContain(
    "peers.q.ingress",
  );
});

test("a key that every object has gets advice in words where it is not known", () => {
  const text = "clusters: {}\npeers: { p: { cluster: a, version: 1.63.2, constructor: x } }\n";
  const { findings } = checkSource(parseSource("t.yaml", text));
  expect(findings.map(({ fix }) => fix)).toContainEqual(expect.stringMatching(/^use one of: labels, namespace/));
});

test("a collection that is called like what every object has is subscribed to only by who says so", () => {
  const text = `clusters: { a: {} }
peers: { p: { cluster: a, version: 1.63.2 }, q: { cluster: a, version: 1.63.2 } }
apps: { cars: { peers: [p, q] } }
replications:
  there: { app: cars, from: p, to: q, queries: { constructor: "color = 'blue'" } }
  back: { app: cars, from: q, to: p, queries: { cars: "color = 'red'" } }
`;
  expect(checkSource(parseSource("t.yaml", text)).findings).toEqual([]);
});

test("a wrong value under a name that every object has gets advice in words", () => {
  const text = "clusters: {}\npeers: {}\nreplications: { r: { app: a, queries: { hasOwnProperty: { a: b } } } }\n";
  const { findings } = checkSource(parseSource("t.yaml", text));
  for (const { fix } of findings) expect(typeof fix).toBe("string");
});
