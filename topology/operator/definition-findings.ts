import { Finding } from "../findings/finding.ts";
import { suggestion } from "../findings/suggest.ts";
import { type ClusterManifest, clusterManifests } from "../objects/cluster-manifests.ts";
import { apiVersionOf } from "../objects/manifests.ts";
import type { Plan } from "../plan/plan.ts";
import { live } from "../rules/live.ts";
import type { OperatorContract } from "./contract.ts";
import type { Definition } from "./custom-resource-definition.ts";
import { contractFieldFindings, type KindSetting } from "./field-findings.ts";
import { fieldSchema, schemaAt } from "./field-schema.ts";

/** Everything about one cluster's custom resources that does not fit what its share of a plan will write. Pure. */
export function contractFindings(plan: Plan, cluster: string, definitions: readonly Definition[]): Finding[] {
  const { operator } = plan;
  const context = plan.clusters.get(cluster)?.context ?? cluster;
  const manifests = clusterManifests(plan, cluster);
  const used = kindSettings.filter((setting) => ofKind(manifests, operator, setting).length > 0);
  const found = new Map(used.map((setting) => [setting, definitionOf(definitions, operator, setting)]));
  const present = used.flatMap((setting) => {
    const definition = found.get(setting);
    return definition ? [{ setting, definition }] : [];
  });
  const served = present.flatMap(({ setting, definition }) => {
    const version = definition.versions.find(({ name }) => name === operator.version);
    return version?.served ? [{ setting, schema: fieldSchema(version.schema) }] : [];
  });
  return [
    ...missingKinds(
      operator,
      cluster,
      definitions,
      used.filter((setting) => !found.get(setting)),
    ),
    ...unservedVersions(
      operator,
      cluster,
      present.filter(({ setting }) => !served.some((each) => each.setting === setting)),
    ),
    ...served.flatMap(({ setting, schema }) => {
      const kind = operator.kinds[setting];
      const asServed = { operator, cluster, context, setting, kind, schema };
      const conditions = setting === "bigPeer" && !schemaAt(schema, ["status", "conditions"]);
      return [
        ...contractFieldFindings(asServed, ofKind(manifests, operator, setting)),
        ...(conditions ? [noConditions(operator, cluster)] : []),
      ];
    }),
  ];
}

const kindSettings: readonly KindSetting[] = ["bigPeer", "app", "replication"];

function ofKind(manifests: readonly ClusterManifest[], operator: OperatorContract, setting: KindSetting) {
  return manifests.filter(
    ({ manifest }) => manifest.apiVersion === apiVersionOf(operator) && manifest.kind === operator.kinds[setting],
  );
}

function definitionOf(definitions: readonly Definition[], operator: OperatorContract, setting: KindSetting) {
  return definitions.find(({ group, kind }) => group === operator.group && kind === operator.kinds[setting]);
}

function missingKinds(
  operator: OperatorContract,
  cluster: string,
  definitions: readonly Definition[],
  missing: readonly KindSetting[],
): Finding[] {
  if (missing.length === 0) return [];
  const ofGroup = definitions.filter(({ group }) => group === operator.group);
  if (ofGroup.length === 0) {
    const elsewhere = definitions.filter(({ kind }) => missing.some((setting) => kind === operator.kinds[setting]));
    const groups = [...new Set(elsewhere.map(({ group }) => group))];
    const names = missing.map((setting) => operator.kinds[setting]).join(", ");
    return [
      new Finding(live.missingCrd, {
        path: groups.length > 0 ? ["operator", "group"] : ["clusters", cluster],
        what: `cluster "${cluster}" serves no custom resource of ${operator.group} (${names})`,
        why: "the operator is not installed there, so no Big Peer could be created",
        fix:
          groups.length > 0
            ? `it serves them as ${groups.join(", ")}: set operator.group, if that is your operator; else ${installOperator(operator)}`
            : `${installOperator(operator)}; or check that the cluster's \`context\` is the one you mean`,
      }),
    ];
  }
  const kinds = ofGroup.map(({ kind }) => kind);
  return missing.map(
    (setting) =>
      new Finding(live.missingCrd, {
        path: ["operator", "kinds", setting],
        what: `cluster "${cluster}" serves no ${operator.kinds[setting]} of ${operator.group}; it serves ${kinds.join(", ")}`,
        why: "the operator there is older than this kind, or has another name for it",
        fix: `set operator.kinds.${setting} if it is one of those (${suggestion(operator.kinds[setting], kinds, "kind")}); else upgrade the operator (0.3.0 is the first with replication): ${installOperator(operator)}`,
      }),
  );
}

function unservedVersions(
  operator: OperatorContract,
  cluster: string,
  kinds: readonly { readonly setting: KindSetting; readonly definition: Definition }[],
): Finding[] {
  if (kinds.length === 0) return [];
  const names = kinds.map(({ definition }) => definition.kind).join(", ");
  const served = kinds.flatMap(({ definition }) =>
    definition.versions.filter((version) => version.served).map(({ name }) => name),
  );
  const versions = [...new Set(served)];
  return [
    new Finding(live.versionNotServed, {
      path: ["operator", "version"],
      what: `cluster "${cluster}" does not serve ${operator.group}/${operator.version} of ${names}; it serves ${versions.join(", ") || "no version"}`,
      fix:
        versions.length > 0
          ? `set operator.version to ${versions.join(" or ")}; the fields are checked then`
          : `reinstall the operator: ${installOperator(operator)}`,
    }),
  ];
}

function noConditions(operator: OperatorContract, cluster: string): Finding {
  return new Finding(live.noConditions, {
    path: ["operator", "readyCondition"],
    what: `${operator.kinds.bigPeer} in cluster "${cluster}" has no status.conditions`,
    why: `an update waits for every Big Peer until its condition ${operator.readyCondition} is true, which would never happen`,
    fix: `upgrade the operator: conditions came with 0.17.0. ${installOperator(operator)}`,
  });
}

// Chart and usual namespace: the vendor's documentation.
function installOperator({ managementApi }: OperatorContract): string {
  const { deployment, namespace } = managementApi;
  return `helm upgrade --install ${deployment} oci://quay.io/ditto-external/ditto-operator --namespace ${namespace} --create-namespace`;
}
