import { stringify } from "yaml";
import { formatPath } from "../findings/finding.ts";
import type { DeployedValues } from "../objects/cluster-manifests.ts";
import { helmValues } from "../objects/exposure-manifests.ts";
import type { Manifest } from "../objects/manifests.ts";
import { bundleOf } from "../objects/trust-manifests.ts";
import type { Plan } from "../plan/plan.ts";
import { shareOf } from "../plan/share.ts";
import { type RenderedObject, renderablePlan, renderedObjects } from "./objects.ts";

/** A file of a rendering. */
export interface RenderedFile {
  /** From the folder of the rendering, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface RenderInputs {
  /** The name of the topology in the files. */
  readonly topology: string;
  /** For each peer: its CA certificates, PEM. */
  readonly certificates: ReadonlyMap<string, string>;
  /** The form in which targets are exposed: partial manifests of the controller's objects, or values of its Helm chart. */
  readonly exposure: "manifests" | "helm-values";
}

/** The first words of every file that is ours. No other file is ever overwritten or removed. */
export const renderedMark = "# Rendered by bigpeer from ";

/** True if a file is one of ours. JSON has no comments: there the first member has the words. */
export function isRendered(text: string): boolean {
  return text.startsWith(renderedMark) || text.startsWith(`{\n  "description": "${renderedMark.slice(2)}`);
}

/**
 * Every file of a rendering: a folder for each cluster, a file for each object in `<cluster>/<namespace>/<kind>-<name>.yaml`, and
 * a kustomization.yaml for each cluster. One object a file, so that a file's history is an object's, and one that goes is a file
 * that goes. Pure, and the same for the same input.
 */
export function renderFiles(plan: Plan, inputs: RenderInputs): RenderedFile[] {
  const rendered = renderablePlan(plan, inputs.certificates);
  return [...plan.clusters.keys()].flatMap((cluster) => {
    const objects = renderedObjects(rendered, cluster, deployedValues(inputs))
      .filter(({ way }) => way !== "ingressNginx" || inputs.exposure === "manifests")
      .map((object): RenderedFile => objectFile(cluster, object, inputs))
      .sort(byPath);
    if (objects.length === 0) return [];
    const values = inputs.exposure === "helm-values" ? valuesFiles(rendered, cluster, inputs) : [];
    return [kustomization(cluster, objects, inputs), ...objects, ...values];
  });
}

function deployedValues({ certificates }: RenderInputs): DeployedValues {
  const refuse = (what: string) => {
    throw new Error(`${what} is unknown; it should have been refused earlier`);
  };
  return {
    appId: (app) => refuse(`the ID of ${app}`),
    token: () => refuse("a playground's token"),
    caCertificates: (...peers) => {
      const texts = peers.map((peer) => certificates.get(peer) ?? refuse(`the CA of ${peer}`));
      return Buffer.from(bundleOf(texts)).toString("base64");
    },
    loadBalancerAddress: ({ exposure }) => refuse(`the address of ${exposure}`),
    serviceBackend: ({ id }) => refuse(`the pods behind ${id}`),
  };
}

function objectFile(cluster: string, { manifest, source }: RenderedObject, inputs: RenderInputs): RenderedFile {
  return { path: objectPath(cluster, manifest), text: `${header(inputs, formatPath(source))}${yaml(manifest)}` };
}

/** The path of an object's file. */
export function objectPath(
  cluster: string,
  { kind, metadata: { namespace, name } }: Pick<Manifest, "kind" | "metadata">,
) {
  return `${cluster}/${String(namespace)}/${kind.toLowerCase()}-${String(name)}.yaml`;
}

function kustomization(cluster: string, objects: readonly RenderedFile[], inputs: RenderInputs): RenderedFile {
  const resources = objects.map(({ path }) => path.slice(cluster.length + 1));
  const object = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources };
  return { path: `${cluster}/kustomization.yaml`, text: `${header(inputs, `clusters.${cluster}`)}${yaml(object)}` };
}

function valuesFiles(plan: Plan, cluster: string, inputs: RenderInputs): RenderedFile[] {
  return shareOf(plan, cluster).controllers.map(({ ingress, exposures }) => {
    const path = `${cluster}/${ingress.namespace}/${ingress.service}.values.yaml`;
    return { path, text: `${header(inputs, `clusters.${cluster}`)}${yaml(helmValues(ingress, exposures))}` };
  });
}

function header({ topology }: RenderInputs, entry: string): string {
  return `${renderedMark}${topology} (${entry}). Change it there: changes here are lost.\n`;
}

/** As YAML 1.1 reads it too, which is what Kubernetes' own parser speaks: there `on` and `1:30` are no texts. */
export function yaml(value: object): string {
  return stringify(value, { version: "1.1", sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}

function byPath(a: RenderedFile, b: RenderedFile): number {
  return a.path < b.path ? -1 : 1;
}
