import type { V1Secret } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { trustedSecret } from "../../../cli/live/trusted-secret.ts";
import { createCa } from "../../../lab/operator/authority.ts";
import { defaultOperator } from "../../../topology/operator/contract.ts";

const [one, other] = [await createCa("one"), await createCa("other")];
const base64 = (text: string) => Buffer.from(text).toString("base64");
const metadata = { name: "west-ca", namespace: "ditto" };
const secret = (more: Partial<V1Secret>): V1Secret => ({
  metadata,
  type: "Opaque",
  data: { "tls.crt": base64(one.certificate) },
  ...more,
});
const judged = (more: Partial<V1Secret>) => trustedSecret(defaultOperator, secret(more));

test("a Secret that holds certificates and nothing else may be written by an update", () => {
  const { certificate, untouchable } = judged({});
  expect(certificate?.trim()).toBe(one.certificate.trim());
  expect(untouchable).toBeUndefined();
});

test("a private key beside the certificate is not kept", () => {
  const { certificate } = judged({ data: { "tls.crt": base64(`${one.certificate}\n${one.privateKey}`) } });
  expect(certificate?.trim()).toBe(one.certificate.trim());
});

test("a Secret without a certificate gives none", () => {
  expect(judged({ data: { "tls.crt": base64("nothing") } })).toEqual({
    certificate: undefined,
    untouchable: undefined,
  });
});

test.each<[string, Partial<V1Secret>, string]>([
  ["immutable", { immutable: true }, "it is immutable"],
  ["of another type", { type: "kubernetes.io/tls" }, "it is of the type kubernetes.io/tls"],
  [
    "made by another object",
    { metadata: { ...metadata, ownerReferences: [{ apiVersion: "v1", kind: "Bundle", name: "cas", uid: "1" }] } },
    "Bundle cas creates it",
  ],
  [
    "managed by another tool",
    { metadata: { ...metadata, labels: { "app.kubernetes.io/managed-by": "Helm" } } },
    "Helm manages it, as its label says",
  ],
  [
    "with another certificate in each key",
    { data: { "tls.crt": base64(one.certificate), "ca.crt": base64(other.certificate) } },
    "its keys tls.crt and ca.crt contain different certificates",
  ],
])("a Secret that is %s must not be written by an update", (_, more, why) => {
  expect(judged(more)).toEqual({ certificate: expect.stringContaining("BEGIN CERTIFICATE"), untouchable: why });
});

test("a Secret of a Big Peer, made by this program, may be written again", () => {
  const ownerReferences = [{ apiVersion: "ditto.live/v1alpha1", kind: "BigPeer", name: "bp1", uid: "1" }];
  const labels = { "app.kubernetes.io/managed-by": "bigpeer-topology" };
  expect(judged({ metadata: { ...metadata, ownerReferences, labels } }).untouchable).toBeUndefined();
});
