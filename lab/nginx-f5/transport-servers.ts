/**
 * Judges a GlobalConfiguration and TransportServers as F5 NGINX Ingress Controller does: which listeners are taken, who holds them, and
 * what it says in a TransportServer's status. After its documentation and its validation (pkg/apis/configuration/validation).
 */
import { z } from "zod";
import type { WatchedObject } from "../operator/object-cache.ts";

/** The controller's own: HTTP, HTTPS, its status page, readiness and metrics. */
const forbiddenPorts = new Set([80, 443, 8080, 8081, 9113]);
const protocols = new Set(["TCP", "UDP", "HTTP", "PROXY"]);
const builtIn = "tls-passthrough";
const dns1035 = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

const listenerSchema = z.looseObject({
  name: z.string().default(""),
  port: z.number().default(0),
  protocol: z.string().default(""),
});
export type NginxListener = z.output<typeof listenerSchema>;
const globalSpec = z.looseObject({ listeners: z.array(listenerSchema).default([]) });

const serverSpec = z.looseObject({
  ingressClassName: z.string().default(""),
  host: z.string().default(""),
  listener: z.looseObject({ name: z.string().default(""), protocol: z.string().default("") }).prefault({}),
  tls: z.looseObject({ secret: z.string().default("") }).optional(),
  serverSnippets: z.string().default(""),
  streamSnippets: z.string().default(""),
  upstreams: z
    .array(
      z.looseObject({
        name: z.string().default(""),
        service: z.string().default(""),
        port: z.number().default(0),
      }),
    )
    .default([]),
  upstreamParameters: z
    .looseObject({ udpRequests: z.number().optional(), udpResponses: z.number().optional() })
    .prefault({}),
  action: z.looseObject({ pass: z.string().default("") }).optional(),
});
type ServerSpec = z.output<typeof serverSpec>;

export interface TransportServerStatus {
  readonly state: "Valid" | "Warning" | "Invalid";
  readonly reason: "AddedOrUpdated" | "Rejected";
  readonly message: string;
}

export interface JudgedTransportServer {
  readonly object: WatchedObject;
  readonly status: TransportServerStatus;
  /** The TCP port at which it is served, and the Service behind it, in its own namespace; undefined: it is not. */
  readonly served: { readonly port: number; readonly service: string; readonly servicePort: number } | undefined;
}

export interface JudgedNginx {
  /** Listeners of the GlobalConfiguration that are taken. */
  readonly listeners: readonly NginxListener[];
  /** The reasons why others are not. */
  readonly errors: readonly string[];
  readonly servers: readonly JudgedTransportServer[];
}

/** @param ingressClass TransportServers with another `ingressClassName` belong to another controller; those without one to each */
export function judgeNginx(
  globalConfiguration: WatchedObject | undefined,
  transportServers: readonly WatchedObject[],
  ingressClass: string,
): JudgedNginx {
  const { listeners, errors } = validListeners(globalSpec.parse(globalConfiguration?.spec ?? {}).listeners);
  const holders = new Map<string, WatchedObject>();
  const servers = transportServers
    .map((object) => ({ object, spec: serverSpec.parse(object.spec ?? {}) }))
    .filter(({ spec }) => spec.ingressClassName === "" || spec.ingressClassName === ingressClass)
    .toSorted((one, other) => byAge(one.object, other.object))
    .map(({ object, spec }) => judge(object, spec, listeners, holders));
  return { listeners, errors, servers };
}

function validListeners(all: readonly NginxListener[]): { listeners: NginxListener[]; errors: string[] } {
  const names = new Set<string>();
  const seen: NginxListener[] = [];
  const errors: string[] = [];
  const listeners = all.filter((listener, index) => {
    const { name, port, protocol } = listener;
    const refuse = (field: string, why: string) => {
      errors.push(`spec.listeners[${index}].${field}: ${why}`);
      return false;
    };
    if (name === builtIn) return refuse("name", "is the name of a built-in listener");
    if (!dns1035.test(name)) return refuse("name", `"${name}" is not a DNS-1035 label`);
    if (forbiddenPorts.has(port)) return refuse("port", `port ${port} is forbidden`);
    if (port < 1 || port > 65535) return refuse("port", `${port} is not between 1 and 65535`);
    if (!protocols.has(protocol)) return refuse("protocol", `"${protocol}" is not one of ${[...protocols].join(", ")}`);
    if (names.has(name)) return refuse("name", `duplicate "${name}"`);
    names.add(name);
    const clash = seen.some((other) => other.port === port && (other.protocol === "UDP") === (protocol === "UDP"));
    // Also one that is refused takes the port from those after it.
    seen.push(listener);
    return clash ? refuse("protocol", `duplicated port and protocol ${port} ${protocol}`) : true;
  });
  return { listeners, errors };
}

function judge(
  object: WatchedObject,
  spec: ServerSpec,
  listeners: readonly NginxListener[],
  holders: Map<string, WatchedObject>,
): JudgedTransportServer {
  const { namespace, name } = object.metadata;
  const refuse = (state: "Warning" | "Invalid", message: string): JudgedTransportServer => ({
    object,
    status: { state, reason: "Rejected", message },
    served: undefined,
  });
  const errors = errorsOf(spec);
  if (errors.length > 0)
    return refuse("Invalid", `TransportServer ${namespace}/${name} is invalid and was rejected: ${errors.join("; ")}`);
  const wanted = spec.listener;
  const listener = listeners.find((each) => each.name === wanted.name && each.protocol === wanted.protocol);
  if (!listener) return refuse("Warning", `Listener ${wanted.name} doesn't exist`);
  const place = `${wanted.name} with host ${spec.host === "" ? "empty host" : spec.host}`;
  if (holders.has(place)) return refuse("Warning", `Listener ${place} is taken by another resource`);
  holders.set(place, object);
  const upstream = spec.upstreams.find((each) => each.name === spec.action?.pass);
  // The lab terminates no TLS and sends no UDP; with the PROXY protocol a client has to begin with its header, which no Big Peer does.
  const plainTcp = listener.protocol === "TCP" && spec.tls === undefined && spec.host === "";
  return {
    object,
    // A Service that is not there, or has no endpoints, does not make it invalid: its connections fail.
    status: {
      state: "Valid",
      reason: "AddedOrUpdated",
      message: `Configuration for ${namespace}/${name} was added or updated `,
    },
    served:
      plainTcp && upstream ? { port: listener.port, service: upstream.service, servicePort: upstream.port } : undefined,
  };
}

function errorsOf(spec: ServerSpec): string[] {
  const errors: string[] = [];
  const { listener, upstreams, action, upstreamParameters } = spec;
  if (listener.name === builtIn || listener.protocol === "TLS_PASSTHROUGH")
    return ["spec.listener: TLS Passthrough is not enabled"];
  if (!dns1035.test(listener.name)) errors.push(`spec.listener.name: "${listener.name}" is not a DNS-1035 label`);
  if (!protocols.has(listener.protocol)) errors.push(`spec.listener.protocol: "${listener.protocol}" is not valid`);
  if (spec.host !== "" && listener.protocol === "UDP") errors.push("spec.host: is not allowed for UDP");
  if (spec.host !== "" && !spec.tls?.secret) errors.push("spec.tls.secret: is required with spec.host");
  if (spec.serverSnippets !== "" || spec.streamSnippets !== "") errors.push("snippets are not enabled");
  const names = new Set<string>();
  for (const [index, { name, service, port }] of upstreams.entries()) {
    const at = `spec.upstreams[${index}]`;
    if (!dns1035.test(name)) errors.push(`${at}.name: "${name}" is not a DNS-1035 label`);
    else if (names.has(name)) errors.push(`${at}.name: duplicate "${name}"`);
    names.add(name);
    if (!dns1035.test(service)) errors.push(`${at}.service: "${service}" is not a DNS-1035 label`);
    if (port < 1 || port > 65535) errors.push(`${at}.port: ${port} is not between 1 and 65535`);
  }
  const udpOnly = upstreamParameters.udpRequests !== undefined || upstreamParameters.udpResponses !== undefined;
  if (udpOnly && listener.protocol !== "UDP") errors.push("spec.upstreamParameters: UDP parameters without UDP");
  if (!action) errors.push("spec.action: must specify action");
  else if (action.pass === "") errors.push("spec.action.pass: must specify pass");
  else if (!names.has(action.pass)) errors.push(`spec.action.pass: there is no upstream "${action.pass}"`);
  return errors;
}

/** The oldest one holds the listener; if two are equally old, the one with the smaller UID. */
function byAge(one: WatchedObject, other: WatchedObject): number {
  return createdAt(one) - createdAt(other) || (one.metadata.uid < other.metadata.uid ? -1 : 1);
}

function createdAt({ metadata: { creationTimestamp } }: WatchedObject): number {
  return creationTimestamp instanceof Date ? creationTimestamp.getTime() : Date.parse(String(creationTimestamp));
}
