import { expect, test } from "vitest";
import { clusterIssuerStandIn } from "../../../../lab/operator/cert-manager.ts";
import { planText } from "../../../../topology/check.ts";
import { definitionsOf } from "../../../../topology/operator/custom-resource-definition.ts";
import {
  type IssuerSeen,
  issuerFindings,
  issuerVersion,
  neededIssuers,
} from "../../../../topology/operator/issuer-findings.ts";

const { plan } = planText(`environment: development
caIssuer: { name: big-peers }
clusters: { dev: { namespace: ditto }, other: {} }
peers:
  bp1: { cluster: dev, version: 1.63.2 }
  bp2: { cluster: dev, version: 1.63.2 }
  bp3: { cluster: dev, version: 1.63.2, namespace: team, caIssuer: { kind: Issuer, name: local } }
  bp4: { cluster: other, version: 1.63.2, caIssuer: none }
`);
const [shared, local] = neededIssuers(plan, "dev");
const said = (seen: IssuerSeen | undefined, needed = shared) =>
  needed
    ? issuerFindings(plan, "dev", needed, seen).map(({ severity, rule, path, what }) => [
        `${severity} ${rule} ${path}`,
        what,
      ])
    : [];

test("a cluster is asked for each issuer once, and an Issuer in the namespace of its Big Peer", () => {
  expect(neededIssuers(plan, "dev").map(({ namespace, peers }) => [namespace, peers])).toEqual([
    [undefined, ["bp1", "bp2"]],
    ["team", ["bp3"]],
  ]);
  expect(neededIssuers(plan, "other")).toEqual([]);
});

test("its version is that of the cluster's definition", () => {
  const definitions = definitionsOf([clusterIssuerStandIn]);
  expect(shared && issuerVersion(shared.issuer, definitions)).toBe("v1");
  expect(local && issuerVersion(local.issuer, definitions)).toBeUndefined();
});

test("an issuer that is missing, unreadable, of an unknown kind or not Ready is a warning at the Big Peer that needs it", () => {
  const warning = "warning issuer-missing peers,bp1";
  expect(said(undefined)).toEqual([
    [warning, expect.stringContaining("does not serve ClusterIssuer of cert-manager.io")],
  ]);
  expect(said({ object: undefined })).toEqual([
    [warning, 'cluster "dev" has no ClusterIssuer big-peers, which bp1 needs'],
  ]);
  expect(said({ unread: "it is forbidden", remedy: "ask" })).toEqual([[warning, "it is forbidden"]]);
  const ready = (status: string) => ({
    object: { status: { conditions: [{ type: "Ready", status, message: "no Secret" }] } },
  });
  expect(said(ready("False"))).toEqual([[warning, 'ClusterIssuer big-peers of cluster "dev" is not Ready: no Secret']]);
  expect(said(ready("True"))).toEqual([]);
  expect(said({ object: { spec: {} } })).toEqual([]);
  expect(said({ object: undefined }, local)[0]?.[1]).toBe(
    'cluster "dev" has no Issuer local in namespace team, which bp3 needs',
  );
});
