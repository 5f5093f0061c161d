import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { planText } from "../../../../topology/check.ts";
import { deployGrants, verifyGrants, watchGrants } from "../../../../topology/objects/access.ts";
import { accessManifests } from "../../../../topology/objects/access-manifests.ts";
import { accessRules } from "../../../../topology/objects/access-rules.ts";
import { blueCars } from "../../../support/blue-cars.ts";

const file = blueCars(`  east: { ingress: { host: bp.east.example.com } }
  west: { ingress: { host: bp.west.example.com, manage: arguments }, namespace: sync }`);
const rules = (cluster: string, ...texts: string[]) =>
  [...accessRules(texts.flatMap((text) => deployGrants(planText(text).plan, cluster)))].flatMap(([namespace, all]) =>
    all.map(({ apiGroups, resources, resourceNames, verbs }) =>
      [namespace ?? "*", `${apiGroups}/${resources}`, resourceNames?.join(",") ?? "*", verbs.join(",")].join(" "),
    ),
  );

describe("what a deployment may do", () => {
  test("is its own objects by name, of Secrets its own and each CA, and of the controller the two that it patches", () => {
    expect(rules("west", file)).toEqual([
      "* /namespaces kube-system get",
      "* apiextensions.k8s.io/customresourcedefinitions * list",
      "ditto apps/deployments ditto-operator get",
      "ingress-nginx /configmaps tcp-services create,get,patch",
      "ingress-nginx /events * list",
      "ingress-nginx /services ingress-nginx-controller get,patch",
      "ingress-nginx apps/deployments ingress-nginx-controller get,patch",
      "sync /events * list,watch",
      "sync /secrets bp2-trusts-bp1 create,get,patch",
      "sync /secrets ditto-bp2-ca get",
      "sync ditto.live/bigpeerapps cars-bp2 create,delete,get,patch",
      "sync ditto.live/bigpeerapps * list,watch",
      "sync ditto.live/bigpeerreplications blue-cars-bp2 create,delete,get,patch",
      "sync ditto.live/bigpeerreplications * list,watch",
      "sync ditto.live/bigpeers bp2 create,delete,get,patch",
      "sync ditto.live/bigpeers * list,watch",
    ]);
  });

  test("of a controller that exposes nothing is nothing", () => {
    expect(rules("east", file).filter((rule) => rule.startsWith("ingress-nginx"))).toEqual([]);
  });

  test("of a controller whose flag is only checked does not include to change its Deployment", () => {
    expect(rules("west", file.replace(", manage: arguments", ""))).toContain(
      "ingress-nginx apps/deployments ingress-nginx-controller get",
    );
  });

  test("of a controller that is a DaemonSet on its nodes' ports includes the DaemonSet, and no Service", () => {
    const nodes = file.replace("manage: arguments", "kind: DaemonSet, hostPorts: true, configMap: edge/tcp");
    expect(rules("west", nodes).filter((rule) => /^(ingress-nginx|edge) /.test(rule))).toEqual([
      "edge /configmaps tcp create,get,patch",
      "ingress-nginx apps/daemonsets ingress-nginx-controller get",
    ]);
  });

  test.each([
    ["a node port", "nodePort: { host: node1.example.com }", true],
    [
      "a port of an address that it asks for",
      "loadBalancer: { annotations: { metallb.io/loadBalancerIPs: 192.0.2.7 } }",
      true,
    ],
    ["a load balancer of its own", "loadBalancer: {}", false],
  ])("for %s lists the Services of the cluster only where another one may have it", (_, way, lists) => {
    const exposed = blueCars(`  east: { inbound: none }\n  west: { exposure: { ${way} } }`);
    expect(rules("west", exposed).includes("* /services * list")).toBe(lists);
  });

  test("follows the operator's names and kinds", () => {
    const other = `operator: { group: sync.example.com, kinds: { bigPeer: Proxy }, caSecret: { name: "{peer}-authority" } }\n`;
    expect(rules("west", other + file)).toEqual(
      expect.arrayContaining([
        "sync sync.example.com/proxies bp2 create,delete,get,patch",
        "sync /secrets bp2-authority get",
      ]),
    );
  });

  test("during a change is what either topology needs: what is removed can still be deleted", () => {
    const renamed = file.replaceAll("bp2", "bp3");
    expect(rules("west", file, renamed)).toEqual(
      expect.arrayContaining([
        "sync ditto.live/bigpeers bp2,bp3 create,delete,get,patch",
        "sync /secrets bp2-trusts-bp1,bp3-trusts-bp1 create,get,patch",
      ]),
    );
  });
});

test("verify may read, and forward ports to pods, but change nothing", () => {
  const { plan } = planText(file);
  const verbs = new Set(
    verifyGrants(plan, "west").flatMap(({ verbs: all, resource }) => all.map((verb) => `${verb} ${resource}`)),
  );
  expect([...verbs].sort()).toEqual([
    "create pods/portforward",
    "get bigpeerapps",
    "get bigpeerreplications",
    "get bigpeers",
    "get deployments",
    "get pods/portforward",
    "get secrets",
    "get services",
    "list pods",
  ]);
  // Those with certificates alone: a private key is in the Secret of a CA.
  const secrets = verifyGrants(plan, "west").filter(({ resource }) => resource === "secrets");
  expect(secrets.map(({ name }) => name)).toEqual(["bp2-trusts-bp1"]);
});

test("verify at an interval may also read whatever is declared, and still no private key", () => {
  const { plan } = planText(file);
  const more = watchGrants(plan, "west").filter(
    (grant) => !verifyGrants(plan, "west").some((each) => each.resource === grant.resource && each.name === grant.name),
  );
  expect(more.map(({ namespace, resource, name, verbs }) => [namespace, resource, name, ...verbs].join(" "))).toEqual([
    "ingress-nginx configmaps tcp-services get",
    "ingress-nginx services ingress-nginx-controller get",
  ]);
});

test("a user is named with the API group that RBAC asks for, a ServiceAccount comes with the objects", () => {
  const { plan } = planText(file);
  const grants = deployGrants(plan, "east");
  const subjects = (subject: Parameters<typeof accessManifests>[2]) =>
    accessManifests(grants, "ours", subject).flatMap(({ subjects: all }) => all ?? []);
  expect(subjects({ kind: "User", name: "ci" })[0]).toEqual({
    kind: "User",
    name: "ci",
    apiGroup: "rbac.authorization.k8s.io",
  });
  const account = { kind: "ServiceAccount", namespace: "ditto", name: "ci" } as const;
  expect(subjects(account)[0]).toEqual(account);
  expect(accessManifests(grants, "ours", account)[0]).toMatchObject({
    kind: "ServiceAccount",
    metadata: { name: "ci" },
  });
});

describe("bigpeer rbac", () => {
  const rbac = (...args: string[]) =>
    execFileSync(process.execPath, ["cli/bigpeer.ts", "rbac", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });

  test("prints YAML that kubectl takes, of one cluster if asked", () => {
    const text = rbac("topologies/two-clusters.yaml", "--cluster", "west", "--user", "ci@example.com");
    const kinds = parseAllDocuments(text).map((document) => document.toJS().kind);
    expect(kinds).toEqual(["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Role", "RoleBinding"]);
    expect(text).toContain("name: ci@example.com");
    expect(text).not.toContain("- bp1\n");
    expect(text).not.toMatch(/[&*]a\d/);
  });

  test("as JSON by cluster", () => {
    const { clusters } = JSON.parse(rbac("topologies/two-clusters.yaml", "--json"));
    expect(clusters.map(({ cluster }: { cluster: string }) => cluster)).toEqual(["east", "west"]);
  });

  test("of a change that gives a cluster another name too is one Role with what both sides need", () => {
    const before = readFileSync("topologies/two-clusters.yaml", "utf8");
    const after = before
      .replace("  east:\n", "  north:\n    context: east\n")
      .replace("cluster: east", "cluster: north")
      .replace("red-cars:", "green-cars:");
    const folder = mkdtempSync(join(tmpdir(), "bigpeer-rbac-"));
    try {
      const files = [before, after].map((text, index) => {
        const file = join(folder, `${index}.yaml`);
        writeFileSync(file, text);
        return file;
      });
      const { clusters } = JSON.parse(rbac(...files, "--json"));
      expect(clusters.map(({ cluster }: { cluster: string }) => cluster)).toEqual(["north", "west"]);
      const rights = JSON.stringify(clusters[0]);
      for (const object of ["blue-cars-bp1", "red-cars-bp1", "green-cars-bp1"]) expect(rights).toContain(`"${object}"`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("refuses a cluster that is not there, with the nearest that is", () => {
    const failed = (() => {
      try {
        return rbac("topologies/two-clusters.yaml", "--cluster", "wset");
      } catch (error) {
        return error instanceof Error && "stderr" in error && "status" in error
          ? `${error.status} ${error.stderr}`
          : "";
      }
    })();
    expect(failed).toMatch(/^2 error: --cluster wset: .*west/);
  });
});
