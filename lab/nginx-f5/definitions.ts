/**
 * Definitions of `GlobalConfiguration` and `TransportServer`, of the fields that the lab's stand-in obeys or checks, with the types and
 * the list semantics of the originals (kubernetes-ingress, config/crd/bases). `definitions` of the request installs the originals.
 */
import type { Definition } from "../definitions.ts";

export const group = "k8s.nginx.org";

const text = { type: "string" };
const whole = { type: "integer" };
const flag = { type: "boolean" };
const object = (properties: Readonly<Record<string, unknown>>) => ({ type: "object", properties });
// No list type, as in the originals: such a list has one owner, and whoever applies one entry takes the whole of it.
const list = (properties: Readonly<Record<string, unknown>>) => ({ type: "array", items: object(properties) });

const listeners = list({ name: text, port: whole, protocol: text, ssl: flag, ipv4: text, ipv6: text });

const transportServer = {
  action: object({ pass: text }),
  host: text,
  ingressClassName: text,
  listener: object({ name: text, protocol: text }),
  serverSnippets: text,
  sessionParameters: object({ timeout: text }),
  streamSnippets: text,
  tls: object({ secret: text }),
  upstreamParameters: object({
    connectTimeout: text,
    nextUpstream: flag,
    nextUpstreamTimeout: text,
    nextUpstreamTries: whole,
    udpRequests: whole,
    udpResponses: whole,
  }),
  upstreams: list({
    backup: text,
    backupPort: whole,
    failTimeout: text,
    loadBalancingMethod: text,
    maxConns: whole,
    maxFails: whole,
    name: text,
    port: whole,
    service: text,
  }),
};

function definition(
  names: { kind: string; plural: string; singular: string; shortNames: string[] },
  spec: object,
  status?: object,
): Definition {
  const root = { apiVersion: text, kind: text, metadata: { type: "object" }, spec, ...(status ? { status } : {}) };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      names,
      scope: "Namespaced",
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: object(root) },
          ...(status ? { subresources: { status: {} } } : {}),
        },
      ],
    },
  };
}

export const nginxDefinitions: readonly Definition[] = [
  definition(
    {
      kind: "GlobalConfiguration",
      plural: "globalconfigurations",
      singular: "globalconfiguration",
      shortNames: ["gc"],
    },
    object({ listeners }),
  ),
  definition(
    { kind: "TransportServer", plural: "transportservers", singular: "transportserver", shortNames: ["ts"] },
    object(transportServer),
    object({ message: text, reason: text, state: text }),
  ),
];
