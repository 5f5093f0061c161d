import { type Input, type Output, output, RunError } from "@pulumi/pulumi";
import { z } from "zod";
import { fillNames } from "../topology/plan/exposures.ts";
import { hostPort } from "../topology/plan/names.ts";
import { carriedText } from "./carried-inputs.ts";
import type { ReplicationTarget } from "./replication-target.ts";

const loadBalancer = z.object({
  loadBalancer: z.object({
    ingress: z.array(z.object({ hostname: z.string().optional(), ip: z.string().optional() })),
  }),
});
const gateway = z.object({ addresses: z.array(z.object({ value: z.string() })) });

/**
 * The `host:port` at which other clusters reach an exposed target.
 * @param host as given, with placeholders; undefined: it is read from the status
 * @param status of the Service or the Gateway
 * @returns unknown in a preview that creates what exposes the target; rejected with a RunError if neither provides the host yet. An output that
 * stayed unknown would silently leave the dialling side without a connection
 */
export function exposedAddress(
  target: Pick<ReplicationTarget, "port" | "names">,
  host: Input<string> | undefined,
  status: Output<unknown> | undefined,
): Output<string> {
  if (host !== undefined)
    return output(host).apply((given) => output(carriedText(hostPort(fillNames(given, target.names), target.port))));
  return (status ?? output<unknown>(undefined)).apply((found: unknown) => {
    const [ingress] = loadBalancer.safeParse(found).data?.loadBalancer.ingress ?? [];
    const [address] = gateway.safeParse(found).data?.addresses ?? [];
    const live = ingress?.hostname ?? ingress?.ip ?? address?.value;
    if (live !== undefined) return hostPort(live, target.port);
    throw new RunError(
      `what exposes the replication ${target.names.replication} of ${target.names.peer} has no address yet. ` +
        "Wait for its load balancer and run `pulumi up --refresh`, which reads the address, or pass `host`",
    );
  });
}
