import { type Input, type Output, output, RunError, runtime, unsecret } from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output.js";
import { liveService } from "../program/live-service.ts";
import type { CertificateReader } from "./certificate-reader.ts";
import type { TargetPods } from "./replication-target.ts";

/** The operator creates the Service shortly after the BigPeerReplication. */
const patienceMs = 60_000;

/** Satisfies the type for pods that a preview does not know; no caller ever gets it. */
const nobody: TargetPods = { selector: {}, targetPort: 0 };

interface SoughtService {
  readonly namespace: Input<string>;
  readonly service: string;
  /** The port of the Service that is meant for the replication. */
  readonly port: number;
  /** Once this is known, the operator creates the Service. */
  readonly after: Output<unknown>;
  readonly read: NonNullable<CertificateReader["object"]>;
}

/** The pods behind a Service that the operator creates. An update waits for the Service; in a preview, the pods are unknown until it exists. */
export function podsBehind({ namespace, service, port, after, read }: SoughtService): Output<TargetPods> {
  const found = output([output(namespace), after] as const).apply(([place]) => {
    const reference = { apiVersion: "v1", kind: "Service", namespace: place, name: service };
    const deadline = Date.now() + (runtime.isDryRun() ? 0 : patienceMs);
    const look = (): Output<TargetPods> =>
      read(reference).apply((object: unknown): Output<TargetPods> => {
        const live = liveService(object, `${place}/${service}`);
        const open = live?.ports.find((each) => each.port === port);
        if (live?.selector && open)
          return output({ selector: live.selector, targetPort: open.targetPort ?? open.port });
        if (runtime.isDryRun()) return output(unknown).apply(() => nobody);
        if (Date.now() < deadline)
          return output(new Promise<true>((resolve) => setTimeout(resolve, 250, true))).apply(look);
        throw new RunError(
          `the operator has no Service ${place}/${service} with a selector and port ${port}, to whose pods an exposure would lead. ` +
            "Wait for the Big Peer and run pulumi up again, or give `selector` and `targetPort`",
        );
      });
    return look();
  });
  // The kubeconfig may be a secret, and everything derived from it would become one. Labels and ports are public.
  return unsecret(found);
}
