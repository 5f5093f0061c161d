import { z } from "zod";
import { type CompanyPolicy, fieldAt, isRecord, type JudgedResource, type Violation } from "./company-policy.ts";

const settings = z.strictObject({
  exceptions: z
    .record(z.string().regex(/^[^/]+\/[^/]+$/, "namespace/name of a Service"), z.string().min(1))
    .default({})
    .describe(
      "Services that are limited by other means, each with an explanation: `{ 'edge/ingress': 'security group sg-1' }`.",
    ),
});

/** The annotation from the time before Services had a field for source ranges; every cloud's controller still reads it. */
const annotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

/** A load balancer that the stack creates, or on which it opens ports, does not accept traffic from everybody. */
export const loadBalancerAllowList: CompanyPolicy<typeof settings> = {
  name: "load-balancer-allow-list",
  description: "A load balancer accepts only named address ranges, even if the stack only opens ports on it.",
  severity: "high",
  judges: "resulting",
  settings,
  judge(resource, { exceptions }) {
    const patch = resource.type === "kubernetes:core/v1:ServicePatch";
    if (!patch && resource.type !== "kubernetes:core/v1:Service") return [];
    const { properties } = resource;
    const name = `${String(fieldAt(properties, "metadata.namespace") ?? "default")}/${String(fieldAt(properties, "metadata.name"))}`;
    const type = fieldAt(properties, "spec.type");
    // Until a patch is applied, Pulumi's provider knows its fields and nothing of the Service, so the patch is judged after the update.
    if (Object.hasOwn(exceptions, name) || type !== "LoadBalancer") return [];
    const ranges = sourceRanges(resource);
    const open = ranges.filter((range) => range.endsWith("/0"));
    if (ranges.length > 0 && open.length === 0) return [];
    return [violation(name, open, portsOf(properties), patch)];
  },
};

function violation(name: string, open: readonly string[], ports: string, patch: boolean): Violation {
  const lets =
    open.length > 0 ? `lets in ${open.join(" and ")}, which is everybody` : "has no loadBalancerSourceRanges";
  return {
    what: `the Service ${name} is a load balancer and ${lets}${ports}`,
    why: "the whole internet reaches the ports; for a replication target, mutual TLS is then the only protection of your documents",
    fix: `${patch ? "set spec.loadBalancerSourceRanges of the Service to the addresses of your other clusters (ingress-nginx's Helm value controller.service.loadBalancerSourceRanges)" : "set the `sourceRanges` of the topology's `loadBalancer`, or spec.loadBalancerSourceRanges of the Service, to the addresses of your other clusters"}; if something else limits it, say so in load-balancer-allow-list.exceptions: { "${name}": "<how>" }`,
  };
}

function sourceRanges({ properties }: JudgedResource): string[] {
  const field = fieldAt(properties, "spec.loadBalancerSourceRanges");
  if (Array.isArray(field) && field.length > 0) return field.map(String);
  const annotations = fieldAt(properties, "metadata.annotations");
  const text = isRecord(annotations) ? annotations[annotation] : undefined;
  return typeof text === "string" ? text.split(",").flatMap((range) => range.trim() || []) : [];
}

/** The ports that the stack opens on the Service, so that readers see what the violation is about. */
function portsOf(properties: Readonly<Record<string, unknown>>): string {
  const ports = fieldAt(properties, "spec.ports");
  if (!Array.isArray(ports)) return "";
  const numbers = ports.flatMap((port: unknown) => (isRecord(port) ? [String(port.port)] : []));
  return numbers.length === 0 ? "" : ` (ports ${numbers.join(", ")})`;
}
