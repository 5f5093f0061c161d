import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readDefinitions } from "../../lab/definitions.ts";
import { nginxDefinitions } from "../../lab/nginx-f5/definitions.ts";
import { judgeNginx } from "../../lab/nginx-f5/transport-servers.ts";
import { fieldAt } from "../../topology/value-at.ts";
import { watched } from "./watched-objects.ts";

const tcp = (port: number, more: object = {}) => ({ name: `tcp-${port}`, port, protocol: "TCP", ...more });
const global = (...listeners: object[]) =>
  watched("nginx-configuration", { listeners }, { namespace: "nginx-ingress" });
const server = (name: string, spec: object = {}) =>
  watched(name, {
    listener: { name: "tcp-4040", protocol: "TCP" },
    upstreams: [{ name: "bp2", service: "target", port: 4040 }],
    action: { pass: "bp2" },
    ...spec,
  });

describe("listeners of a GlobalConfiguration", () => {
  test.each([
    ["a port of the controller's own", tcp(443), /port 443 is forbidden/],
    ["the name of a built-in one", tcp(4041, { name: "tls-passthrough" }), /built-in/],
    ["a name that begins with a digit", tcp(4041, { name: "4041" }), /DNS-1035/],
    ["an unknown protocol", tcp(4041, { protocol: "tcp" }), /"tcp" is not one of/],
    ["a name that another one has", tcp(4041, { name: "tcp-4040" }), /duplicate "tcp-4040"/],
    ["a port that another one has", tcp(4040, { name: "again" }), /duplicated port and protocol 4040 TCP/],
    [
      "a port that one for HTTP takes, too",
      tcp(4040, { name: "web", protocol: "HTTP" }),
      /duplicated port and protocol 4040/,
    ],
  ])("without %s are taken, and that one is not", (_, bad, error) => {
    const { listeners, errors } = judgeNginx(global(tcp(4040), bad, tcp(4042)), [], "nginx");
    expect(listeners.map(({ port }) => port)).toEqual([4040, 4042]);
    expect(errors).toEqual([expect.stringMatching(error)]);
  });

  test("may have one port for TCP and for UDP", () => {
    const { errors } = judgeNginx(global(tcp(4040), tcp(4040, { name: "udp", protocol: "UDP" })), [], "nginx");
    expect(errors).toEqual([]);
  });
});

describe("a TransportServer", () => {
  const judge = (...servers: ReturnType<typeof server>[]) => judgeNginx(global(tcp(4040)), servers, "nginx").servers;

  test("is served at the port of its listener", () => {
    const [only] = judge(server("ts"));
    expect(only).toMatchObject({
      status: { state: "Valid" },
      served: { port: 4040, service: "target", servicePort: 4040 },
    });
  });

  test("holds its listener against younger ones", () => {
    const [older, younger] = [server("z"), server("a")];
    const judged = judge(younger, older);
    expect(judged.map(({ object, status }) => [object.metadata.name, status.state])).toEqual([
      ["z", "Valid"],
      ["a", "Warning"],
    ]);
    expect(judged[1]?.status.message).toBe("Listener tcp-4040 with host empty host is taken by another resource");
  });

  test.each([
    ["a listener that is not there", { listener: { name: "tcp-4041", protocol: "TCP" } }, "Warning"],
    ["another protocol than its listener", { listener: { name: "tcp-4040", protocol: "UDP" } }, "Warning"],
    ["no action", { action: undefined }, "Invalid"],
    ["an action for an upstream that is not there", { action: { pass: "bp3" } }, "Invalid"],
    ["two upstreams of one name", { upstreams: [1, 2].map(() => ({ name: "bp2", service: "s", port: 1 })) }, "Invalid"],
    ["a host without a certificate", { host: "bp.example.com" }, "Invalid"],
    ["snippets", { streamSnippets: "limit_conn_zone" }, "Invalid"],
    ["parameters of UDP", { upstreamParameters: { udpRequests: 1 } }, "Invalid"],
    ["a port out of range", { upstreams: [{ name: "bp2", service: "target", port: 0 }] }, "Invalid"],
  ])("with %s is rejected", (_, spec, state) => {
    const [only] = judge(server("ts", spec));
    expect(only).toMatchObject({ status: { state, reason: "Rejected" }, served: undefined });
  });

  test("of another class is not judged, and one without a class is", () => {
    expect(judge(server("other", { ingressClassName: "internal" }), server("none"))).toHaveLength(1);
  });

  test("has no listener without a GlobalConfiguration", () => {
    expect(judgeNginx(undefined, [server("ts")], "nginx").servers[0]?.status.state).toBe("Warning");
  });
});

const originals = fileURLToPath(new URL("../../../shared/crds", import.meta.url));

test.skipIf(!existsSync(originals))("the lab's definitions have nothing that the originals do not have", () => {
  const path = "spec.versions.0.schema.openAPIV3Schema";
  for (const own of nginxDefinitions) {
    const plural = String(fieldAt(own, "spec.names.plural"));
    const [original] = readDefinitions(readFileSync(`${originals}/k8s.nginx.org_${plural}.yaml`, "utf8"));
    expect(original).toMatchObject({ metadata: own.metadata, spec: { names: fieldAt(own, "spec.names") } });
    expect(fieldAt(original, path)).toMatchObject(Object(fieldAt(own, path)));
  }
});
