/** Stacks as objects of the Pulumi Kubernetes Operator, version 2 (`pulumi.com/v1`). */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { deployGrants } from "../topology/objects/access.ts";
import { type AccessManifest, accessManifests } from "../topology/objects/access-manifests.ts";
import { managedByUs } from "../topology/objects/manifests.ts";
import { isDnsLabel } from "../topology/plan/names.ts";
import type { Plan, PlannedCluster } from "../topology/plan/plan.ts";
import type { ProgramSource } from "./program-source.ts";
import type { OrderedStack } from "./stack-order.ts";

/** How the operator runs all stacks. */
export interface OperatorSettings {
  /** Namespace of the operator's cluster in which the Stacks are. */
  readonly namespace: string;
  /** What the topology calls the operator's own cluster; undefined: it has no Big Peer. */
  readonly ownCluster: string | undefined;
  readonly source: ProgramSource;
  /** Image of the workspaces: Pulumi's CLI with Node.js. */
  readonly image: string;
  /** Organization and project before the name of each stack, such as `acme/shop`; undefined: the backend's default. */
  readonly qualifier: string | undefined;
  /** URL of the state's backend; undefined: Pulumi Cloud. */
  readonly backend: string | undefined;
  /** How often a stack is updated without a change of the program, in seconds; at least 60 (operator). */
  readonly resyncSeconds: number;
}

/** A stack, and where its configuration gets its kubeconfig. */
export interface OperatedStack extends OrderedStack {
  /** Its Pulumi.<stack>.yaml names a kubeconfig, or an ESC environment that gives one. */
  readonly kubeconfigConfigured: boolean;
}

export interface StackManifest {
  readonly apiVersion: "pulumi.com/v1";
  readonly kind: "Stack";
  readonly metadata: ObjectMeta;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface ConfigMapManifest {
  readonly apiVersion: "v1";
  readonly kind: "ConfigMap";
  readonly metadata: ObjectMeta;
  readonly data: Readonly<Record<string, string>>;
}

interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The objects of one stack, in the operator's cluster, and what it needs beside them. */
export interface OperatorManifests {
  readonly stack: string;
  readonly objects: readonly (AccessManifest | ConfigMapManifest | StackManifest)[];
  /** What has to be there before, and is not made here since it is secret: each Secret with the keys that it needs. */
  readonly secrets: readonly { readonly name: string; readonly keys: readonly string[] }[];
  /** Clusters for which the stack needs a credential of their own, and Roles there. */
  readonly remote: readonly PlannedCluster[];
}

/** The Secret with what Pulumi's CLI needs to reach the state. */
const backendSecret = "bigpeer-backend";

const folders = { own: "/etc/bigpeer/own-cluster", others: "/etc/bigpeer/kubeconfig" };

/** The name of a stack's objects. A stack may be called what no object may, and a name of the operator's own has to fit behind it. */
export function operatorObjectName(stack: string): string {
  const name = `bigpeer-${stack}`;
  if (isDnsLabel(name) && name.length <= maxNameLength) return name;
  const hash = createHash("sha256").update(stack).digest("hex").slice(0, 8);
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-");
  return `${plain.slice(0, maxNameLength - hash.length - 1)}-${hash}`;
}

/** The operator names a StatefulSet `<name>-workspace`, whose pods carry a label of that and a hash of ten characters. */
const maxNameLength = 42;

/** A stack's ServiceAccount with its rights, and its Stack. */
export function operatorManifests(plan: Plan, stack: OperatedStack, settings: OperatorSettings): OperatorManifests {
  const { namespace } = settings;
  const name = operatorObjectName(stack.name);
  const metadata = { name, namespace, labels: managedByUs };
  const clusters = stack.clusters.flatMap((cluster) => plan.clusters.get(cluster) ?? []);
  const own = clusters.find((cluster) => cluster.name === settings.ownCluster);
  const subject = { kind: "ServiceAccount", namespace, name } as const;
  const grants = own ? deployGrants(plan, own.name) : [];
  const remote = clusters.filter((cluster) => cluster !== own);
  const ways = kubeconfigWays(name, own, stack, remote);
  const variable = usesPulumiCloud(settings.backend) ? "PULUMI_ACCESS_TOKEN" : "PULUMI_CONFIG_PASSPHRASE";
  return {
    stack: stack.name,
    objects: [
      ...accessManifests(grants, name, subject),
      authDelegation(`${namespace}-${name}`, subject),
      ...(ways.own ? [ownKubeconfig(ways.own.configMap.name, namespace, ways.own.cluster)] : []),
      { apiVersion: "pulumi.com/v1", kind: "Stack", metadata, spec: stackSpec() },
    ],
    secrets: [
      { name: backendSecret, keys: [variable] },
      ...(ways.others ? [{ name: ways.others.secret.secretName, keys: ["kubeconfig"] }] : []),
    ],
    remote,
  };

  function stackSpec(): Record<string, unknown> {
    const { source, backend, image, qualifier, resyncSeconds } = settings;
    return {
      stack: qualifier === undefined ? stack.name : `${qualifier}/${stack.name}`,
      ...(backend === undefined ? {} : { backend }),
      projectRepo: source.repository,
      branch: `refs/heads/${source.branch}`,
      repoDir: source.folder,
      serviceAccountName: name,
      envRefs: { [variable]: { type: "Secret", secret: { name: backendSecret, key: variable } } },
      ...(stack.after.length === 0
        ? {}
        : { prerequisites: stack.after.map((each) => ({ name: operatorObjectName(each) })) }),
      // What another stack has to say first is pending, which is no failure: only a further update does it.
      continueResyncOnCommitMatch: true,
      resyncFrequencySeconds: resyncSeconds,
      retryOnUpdateConflict: true,
      // Who deletes a Stack takes it from the operator; the Big Peers stay.
      destroyOnFinalize: false,
      workspaceTemplate: { spec: { image, ...podTemplate(ways) } },
    };
  }
}

function usesPulumiCloud(backend: string | undefined): boolean {
  return backend === undefined || /^https?:/.test(backend);
}

/** The operator asks the API server who calls a workspace, in the workspace's name (its documentation, Installation). */
function authDelegation(
  name: string,
  subject: Readonly<Record<"kind" | "namespace" | "name", string>>,
): AccessManifest {
  const group = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${group}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: `${name}-auth-delegator`, labels: managedByUs },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: "system:auth-delegator" },
    subjects: [subject],
  };
}

interface KubeconfigWays {
  readonly own: { readonly cluster: PlannedCluster; readonly configMap: { readonly name: string } } | undefined;
  readonly others: { readonly secret: { readonly secretName: string } } | undefined;
}

function kubeconfigWays(
  name: string,
  own: PlannedCluster | undefined,
  { kubeconfigConfigured }: OperatedStack,
  remote: readonly PlannedCluster[],
): KubeconfigWays {
  const unnamed = (cluster: PlannedCluster) => cluster.kubeconfig === undefined;
  if (kubeconfigConfigured) return { own: undefined, others: undefined };
  return {
    own: own && unnamed(own) ? { cluster: own, configMap: { name: `${name}-own-cluster` } } : undefined,
    others: remote.some(unnamed) ? { secret: { secretName: `${name}-kubeconfig` } } : undefined,
  };
}

/** A kubeconfig without a secret: the way into the cluster in which a pod is, by the token that Kubernetes gives it. */
function ownKubeconfig(
  name: string,
  namespace: string,
  { context, namespace: first }: PlannedCluster,
): ConfigMapManifest {
  const account = "/var/run/secrets/kubernetes.io/serviceaccount";
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    clusters: [
      {
        name: context,
        cluster: { server: "https://kubernetes.default.svc", "certificate-authority": `${account}/ca.crt` },
      },
    ],
    users: [{ name: context, user: { tokenFile: `${account}/token` } }],
    contexts: [{ name: context, context: { cluster: context, user: context, namespace: first } }],
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: managedByUs },
    data: { kubeconfig: stringify(kubeconfig) },
  };
}

/** Mounts the kubeconfigs into the operator's container, which is called `pulumi`. */
function podTemplate({ own, others }: KubeconfigWays): Record<string, unknown> {
  const mounts = [
    ...(own ? [{ name: "own-cluster", mountPath: folders.own, volume: { configMap: own.configMap } }] : []),
    ...(others ? [{ name: "kubeconfig", mountPath: folders.others, volume: others }] : []),
  ];
  if (mounts.length === 0) return {};
  return {
    podTemplate: {
      spec: {
        volumes: mounts.map(({ name, volume }) => ({ name, ...volume })),
        containers: [
          {
            name: "pulumi",
            env: [{ name: "KUBECONFIG", value: mounts.map(({ mountPath }) => `${mountPath}/kubeconfig`).join(":") }],
            volumeMounts: mounts.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
          },
        ],
      },
    },
  };
}
