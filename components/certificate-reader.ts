import { type Input, type Output, output, RunError, runtime, unsecret } from "@pulumi/pulumi";
import { type CertificateLocation, onlyCertificates } from "../kubernetes/certificates.ts";
import type { SecretsApi } from "../kubernetes/secret-key.ts";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import type { KubeconfigArgs } from "./kubeconfig-args.ts";
import { liveObjectReader } from "./live-object.ts";

/** Reads public certificates from one cluster. No resource is created for what it reads, so no private key enters Pulumi's state. */
export interface CertificateReader {
  /**
   * Reads the certificates (PEM) at a location, once `after` is known.
   * @throws Error, as a rejected output, if the Secret, the key or the certificate is not there; the message names what was looked for, what is there
   * instead, and the setting to change
   */
  read(location: Input<CertificateLocation>, after: Output<unknown>): Output<string>;
  /**
   * Reads an object of the cluster; the output is undefined if there is none. Without this function, nothing can tell whether the store of a
   * protected Big Peer grows or shrinks, and the engine refuses both.
   * @throws RunError, as a rejected output, if the cluster cannot be reached or refuses
   */
  readonly object?: (reference: Input<ObjectReference>) => Output<unknown>;
}

/**
 * Creates a reader that uses the same kubeconfig as the cluster's provider. The operator keeps the certificate and the private key of a CA in one
 * Secret. A resource that reads the Secret (`Secret.get`) would copy the key into the state, so this reader extracts only the certificate.
 */
export function certificateReader(args: KubeconfigArgs): CertificateReader {
  let secrets: SecretsApi | undefined;
  return {
    object: liveObjectReader(args),
    read(location, after) {
      const pem = output([output(location), output(args.kubeconfig), output(args.context), after] as const).apply(
        async ([place, kubeconfig, context]) => {
          const { readSecretKey, secretsApi } = await import("../kubernetes/secret-key.ts");
          try {
            secrets ??= secretsApi({ kubeconfig, context });
            const value = await readSecretKey(secrets, place, { wait: !runtime.isDryRun() });
            return onlyCertificates(value, place);
          } catch (error) {
            // Pulumi prints a RunError without a stack trace: the cause is in the cluster, not in this program.
            throw new RunError(error instanceof Error ? error.message : String(error));
          }
        },
      );
      // The kubeconfig may be a secret, and everything derived from it would become one. A certificate is public.
      return unsecret(pem);
    },
  };
}
