import { webcrypto } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { x509 } from "../../../lab/x509.ts";
import { authorityExpiry } from "../../../trust/authority-expiry.ts";
import type { TrustSeen } from "../../../trust/stale-trust.ts";
import { plan } from "../../support/watched-rounds.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
let [soon, later, last]: string[] = [];
beforeAll(async () => {
  [soon, later, last] = await Promise.all(
    ["2027-01-01", "2028-01-01", "2029-01-01"].map(async (day) => {
      const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        ...{ name: "CN=CA", keys, signingAlgorithm: algorithm },
        ...{ notBefore: new Date("2026-01-01"), notAfter: new Date(day) },
        extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
      });
      return certificate.toString("pem");
    }),
  );
});

/** When bp2's CA expires, by what its own Secret and bp1's trust in it hold. */
function expiryOfBp2(own: string | undefined, trusted: readonly (string | undefined)[] | undefined) {
  const none = { unknown: "HTTP 403" };
  const seen: TrustSeen = {
    authority: (peer) => (peer === "bp2" && own !== undefined ? { value: own } : none),
    secret: (truster) => (truster === "bp1" && trusted ? { value: trusted } : none),
    listed: () => none,
    shown: () => undefined,
  };
  return authorityExpiry(plan, seen).map(({ peer, expires }) => `${peer} ${expires.toISOString().slice(0, 10)}`);
}

test("a CA expires when its certificate does, or the last one by which another peer trusts it, if that is earlier", () => {
  expect(expiryOfBp2(later, [later, later])).toEqual(["bp2 2028-01-01"]);
  // A renewed CA that the other peer does not trust yet.
  expect(expiryOfBp2(last, [soon, soon])).toEqual(["bp2 2027-01-01"]);
  // In a rotation both are trusted, and the later one is enough.
  expect(expiryOfBp2(last, [`${last}${soon}`, `${last}${soon}`])).toEqual(["bp2 2029-01-01"]);
  // Nobody but the operator knows which of the two keys it reads.
  expect(expiryOfBp2(last, [last, soon])).toEqual(["bp2 2027-01-01"]);
});

test("whoever may not read a CA sees when it expires by the certificates that others trust", () => {
  expect(expiryOfBp2(undefined, [later, later])).toEqual(["bp2 2028-01-01"]);
  expect(expiryOfBp2(undefined, undefined)).toEqual([]);
  expect(expiryOfBp2(undefined, ["", undefined])).toEqual([]);
});
