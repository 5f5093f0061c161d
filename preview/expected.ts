import { clusterProvider } from "../engine/engine-events.ts";
import type { EngineStep } from "../engine/engine-steps.ts";
import { secretText, unknownText } from "../engine/engine-values.ts";
import type { Path } from "../topology/findings/finding.ts";
import { clusterManifests, type DeployedValues } from "../topology/objects/cluster-manifests.ts";
import { controllerArgumentsManifest } from "../topology/objects/exposure-manifests.ts";
import { objectKey, referenceOf } from "../topology/objects/object-reference.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import { valueAt } from "../topology/value-at.ts";

/** A resource as a plan wants it. */
export interface Expected {
  /** The entry of the topology that it comes from. */
  readonly source: Path;
  /** Its inputs, with marked texts where only a deployment knows the value. */
  readonly inputs: unknown;
}

/** Around what only a deployment knows; no name, path or query can hold it. */
const mark = "\u0000";
const marked = (text: string) => `${mark}${text}${mark}`;
/** Stands for a value of any type. */
const anything = marked("anything");

const values: DeployedValues = {
  appId: (app) => marked(`ID of ${app}`),
  token: () => marked("token"),
  caCertificates: (...peers) => marked(`certificate of ${peers.join(", ")}`),
  loadBalancerAddress: ({ cluster, port }) => `${marked(`load balancer of ${cluster}`)}:${port}`,
  serviceBackend: () => ({ selector: anything, targetPort: anything }),
};

/** Every resource of a plan that is not only in the state, by `resourceKey`. */
export function expectedResources(plan: Plan): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  for (const [cluster, { context, namespace, kubeconfig }] of plan.clusters) {
    const source = ["clusters", cluster];
    const inputs = { context, namespace, kubeconfig: kubeconfig ?? marked("kubeconfig") };
    expected.set(providerKey(cluster), { source, inputs });
    for (const { manifest, role, source } of clusterManifests(plan, cluster, values))
      expected.set(objectKey(referenceOf(cluster, manifest, role)), { source, inputs: manifest });
    for (const { ingress } of shareOf(plan, cluster).controllers) {
      if (ingress.manage !== "arguments") continue;
      const manifest = controllerArgumentsManifest(ingress, [marked("arguments")]);
      expected.set(objectKey(referenceOf(cluster, manifest, "patch")), { source, inputs: manifest });
    }
  }
  for (const { name, id, auth } of plan.apps.values()) {
    const source = ["apps", name];
    if (id === undefined) expected.set(generatedKey(`${name}-id`), { source, inputs: {} });
    if (auth?.playground && auth.playground.token === undefined)
      expected.set(generatedKey(`${name}-token`), { source, inputs: {} });
  }
  for (const { name, cluster, settings } of plan.peers.values())
    if (settings.auth?.playground && settings.auth.playground.token === undefined)
      expected.set(generatedKey(`${cluster}/${name}-token`), { source: ["peers", name], inputs: {} });
  return expected;
}

/** The key of the plan's resource that a step is about. */
export function resourceKey(step: EngineStep): string {
  if (step.type === clusterProvider) return providerKey(step.name);
  if (!step.type.startsWith("kubernetes:")) return generatedKey(step.name);
  const role = step.type.endsWith("Patch") ? "patch" : "object";
  const { apiVersion, kind, namespace, name } = placeOf(step);
  // The patch that makes a peer trust others waits for the peer, whose name it is told only then.
  const known = name === unknownText ? step.name.replace(/^.*\/|-trust$/g, "") : name;
  return objectKey({ cluster: step.provider, apiVersion, kind, namespace, name: known, role });
}

/** The Kubernetes object behind a step; texts are empty where there is none. */
export function placeOf({ next, live, last }: EngineStep) {
  const inputs = next ?? live ?? last;
  const text = (...path: string[]) => String(valueAt(inputs, path) ?? "");
  return {
    apiVersion: text("apiVersion"),
    kind: text("kind"),
    namespace: text("metadata", "namespace"),
    name: text("metadata", "name"),
  };
}

/** True if a value can be what a plan wants; what is masked, not known yet or only known to a deployment can be anything. */
export function matches(wanted: unknown, actual: unknown): boolean {
  if (actual === secretText || actual === unknownText) return wanted !== undefined;
  if (wanted === anything) return actual !== undefined;
  if (typeof wanted === "string" && wanted.includes(mark))
    return typeof actual === "string" && actual.endsWith(wanted.slice(wanted.lastIndexOf(mark) + 1));
  if (Array.isArray(wanted))
    return (
      Array.isArray(actual) &&
      wanted.length === actual.length &&
      wanted.every((item, index) => matches(item, actual[index]))
    );
  if (typeof wanted !== "object" || wanted === null) return wanted === actual;
  if (typeof actual !== "object" || actual === null) return false;
  const names = new Set([...Object.keys(wanted), ...Object.keys(actual)]);
  return [...names].every((name) => matches(valueAt(wanted, [name]), valueAt(actual, [name])));
}

/** True if only a deployment knows a value, or a part of it. */
export function onlyDeploymentKnows(wanted: unknown): boolean {
  return JSON.stringify(wanted)?.includes(JSON.stringify(mark).slice(1, -1)) ?? false;
}

function providerKey(cluster: string): string {
  return `provider/${cluster}`;
}

function generatedKey(name: string): string {
  return `generated/${name}`;
}
