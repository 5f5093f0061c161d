import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  ApiException,
  AuthorizationV1Api,
  CoreV1Api,
  KubernetesObjectApi,
  PatchStrategy,
} from "@kubernetes/client-node";
import { loadKubeConfig } from "../../kubernetes/kubeconfig.ts";
import { writeKubeconfig } from "../../lab/kubeconfig.ts";
import type { RunningLab } from "../../lab/lab.ts";
import { deployGrants, type Grant } from "../../topology/objects/access.ts";
import { type AccessManifest, accessManifests, type Subject } from "../../topology/objects/access-manifests.ts";
import { accessRules } from "../../topology/objects/access-rules.ts";
import type { Plan } from "../../topology/plan/plan.ts";

/**
 * The way into a lab's clusters of a ServiceAccount that may do what `bigpeer rbac` prints, and nothing more. As an
 * administrator would before each change, it is given what the topologies so far and the next one need.
 */
export class LeastAccess {
  readonly kubeconfig: string;
  readonly #lab: RunningLab;
  readonly #name: string;
  readonly #grantsOf: (plan: Plan, cluster: string) => Grant[];
  /** By cluster: what it may do, and the objects that say so. */
  readonly #granted = new Map<string, { subject: Subject; grants: Grant[]; objects: string }>();

  private constructor(
    lab: RunningLab,
    directory: string,
    name: string,
    grantsOf: (plan: Plan, cluster: string) => Grant[],
  ) {
    this.#lab = lab;
    this.#name = name;
    this.kubeconfig = join(directory, `kubeconfig-of-${name}`);
    this.#grantsOf = grantsOf;
  }

  /** Makes the accounts, and a kubeconfig with a token of each.
   * @param directory where the kubeconfig is written */
  static async start(
    lab: RunningLab,
    directory: string,
    plan: Plan,
    { name = "bigpeer-topology", grantsOf = deployGrants } = {},
  ): Promise<LeastAccess> {
    const access = new LeastAccess(lab, directory, name, grantsOf);
    const entries = await Promise.all(
      lab.description.clusters.map(async ({ name: cluster, context, server }) => {
        const namespace = plan.clusters.get(cluster)?.namespace ?? "default";
        access.#granted.set(cluster, { subject: { kind: "ServiceAccount", namespace, name }, grants: [], objects: "" });
        const admin = loadKubeConfig({ kubeconfig: lab.kubeconfig, context });
        await access.#apply(context, accessManifests([], name, { kind: "ServiceAccount", namespace, name }));
        const request = { name, namespace, body: { spec: { audiences: [], expirationSeconds: 4 * 3600 } } };
        const { status } = await admin.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken(request);
        const authority = Buffer.from(admin.getCurrentCluster()?.caData ?? "", "base64").toString();
        return { context, server, authority, token: status?.token ?? "", namespace };
      }),
    );
    await writeKubeconfig(access.kubeconfig, entries);
    await access.allow(plan);
    return access;
  }

  /** Lets the accounts do what a topology needs, too. Does nothing where they can already. */
  async allow(plan: Plan): Promise<void> {
    for (const { name: cluster, context } of this.#lab.description.clusters) {
      const granted = this.#granted.get(cluster);
      if (!granted) continue;
      // A topology may call it otherwise by now.
      const planned = [...plan.clusters.values()].filter((each) => each.context === context);
      const grants = [...granted.grants, ...planned.flatMap(({ name }) => this.#grantsOf(plan, name))];
      const manifests = accessManifests(grants, this.#name, granted.subject);
      const objects = JSON.stringify(manifests);
      if (objects === granted.objects) continue;
      await this.#apply(context, manifests);
      await this.#inForce(context, grants, granted.subject);
      this.#granted.set(cluster, { ...granted, grants, objects });
    }
  }

  async #apply(context: string, manifests: readonly AccessManifest[]): Promise<void> {
    const api = KubernetesObjectApi.makeApiClient(loadKubeConfig({ kubeconfig: this.#lab.kubeconfig, context }));
    for (const manifest of manifests) {
      await api
        .patch({ ...manifest }, undefined, undefined, "administrator", true, PatchStrategy.ServerSideApply)
        .catch((error: unknown) => {
          // A namespace that is not there, or is being deleted: what the program says of it is what a test may be about.
          const gone = error instanceof ApiException && (error.code === 404 || isTerminating(error));
          if (!gone) throw error;
        });
    }
  }

  /** An API server takes a moment to see a new Role. */
  async #inForce(context: string, grants: readonly Grant[], subject: Subject): Promise<void> {
    const config = loadKubeConfig({ kubeconfig: this.#lab.kubeconfig, context });
    const [core, reviews] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AuthorizationV1Api)];
    const namespaces = (await core.listNamespace()).items.filter(({ metadata }) => !metadata?.deletionTimestamp);
    const there = new Set(namespaces.map(({ metadata }) => metadata?.name));
    const user = subject.kind === "ServiceAccount" ? `system:serviceaccount:${subject.namespace}:${subject.name}` : "";
    const deadline = Date.now() + 10_000;
    for (const [namespace, rules] of accessRules(grants)) {
      if (namespace !== undefined && !there.has(namespace)) continue;
      const allowed = rules.map(({ apiGroups, resources, resourceNames, verbs }) => {
        const [resource, subresource] = resources[0]?.split("/") ?? [];
        const asked = {
          namespace,
          group: apiGroups[0],
          resource,
          subresource,
          name: resourceNames?.at(-1),
          verb: verbs[0],
        };
        const resourceAttributes = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
        const review = { body: { spec: { user, resourceAttributes } } };
        return async () => (await reviews.createSubjectAccessReview(review)).status?.allowed;
      });
      for (const each of allowed)
        while (!(await each())) {
          if (Date.now() > deadline) throw new Error(`the rights in ${namespace ?? "the cluster"} are not in force`);
          await delay(20);
        }
    }
  }
}

function isTerminating({ code, body }: ApiException<unknown>): boolean {
  return code === 403 && String(body).includes("because it is being terminated");
}
