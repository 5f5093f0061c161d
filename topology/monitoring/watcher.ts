import { createHash } from "node:crypto";

/** An object of the namespace in which verify runs. */
export interface WatcherManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface WatcherOptions {
  readonly namespace: string;
  /** The name of the topology, and of its file in the pod. */
  readonly topology: string;
  /** The topology as one file. */
  readonly text: string;
  /** An image whose entry point is `bigpeer`. */
  readonly image: string;
  /** As `--every` takes it. */
  readonly every: string;
}

const watcherName = "bigpeer-watch";
export const dashboardName = `${watcherName}-dashboard`;

/** Name of each object for a topology, and of the ServiceAccount and Roles for it in each cluster. */
export function watcherNameOf(topology: string): string {
  return `${watcherName}-${topology}`;
}

/** The Secret that its user makes, with a kubeconfig of every cluster under the key `kubeconfig`. */
export function kubeconfigSecretOf(topology: string): string {
  return `${watcherNameOf(topology)}-kubeconfig`;
}

const port = 9464;
/** `nobody` of distroless images; any will do that is not root. */
const user = 65_532;

export const watcherLabels = {
  "app.kubernetes.io/name": watcherName,
  "app.kubernetes.io/managed-by": "bigpeer-topology",
};

/** What runs `verify --every` in one cluster for all of them: the topology, the program, and the port that Prometheus scrapes. */
export function watcherManifests(options: WatcherOptions): WatcherManifest[] {
  const { namespace, topology, text } = options;
  const name = watcherNameOf(topology);
  const labels = { ...watcherLabels, "app.kubernetes.io/instance": topology };
  const metadata = { name, namespace, labels };
  const selector = { "app.kubernetes.io/name": watcherName, "app.kubernetes.io/instance": topology };
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [`${topology}.yaml`]: text } },
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata },
      spec: {
        replicas: 1,
        // Two at a time would probe twice.
        strategy: { type: "Recreate" },
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels,
            // A change of the topology starts it again at once, with no mount to wait for.
            annotations: { "checksum/topology": createHash("sha256").update(text).digest("hex") },
          },
          spec: podSpec(name, options),
        },
      },
    },
    {
      ...{ apiVersion: "v1", kind: "Service", metadata },
      spec: { selector, ports: [{ name: "metrics", port, targetPort: "metrics" }] },
    },
    {
      ...{ apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata },
      spec: { selector: { matchLabels: selector }, endpoints: [{ port: "metrics" }] },
    },
  ];
}

function podSpec(name: string, { topology, image, every }: WatcherOptions) {
  const [topologyFolder, kubeconfigFolder] = ["/etc/bigpeer/topology", "/etc/bigpeer/kubeconfig"];
  return {
    // Its rights are those of the kubeconfig, in every cluster.
    automountServiceAccountToken: false,
    // Long enough to delete the documents of a round that is under way.
    terminationGracePeriodSeconds: 60,
    securityContext: { runAsNonRoot: true, runAsUser: user, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "verify",
        image,
        args: [
          "verify",
          `${topologyFolder}/${topology}.yaml`,
          ...["--every", every],
          ...["--metrics", `:${port}`],
          ...["--kubeconfig", `${kubeconfigFolder}/kubeconfig`],
        ],
        env: [{ name: "HOME", value: "/tmp" }],
        ports: [{ name: "metrics", containerPort: port }],
        livenessProbe: { httpGet: { path: "/-/healthy", port: "metrics" }, periodSeconds: 30, timeoutSeconds: 5 },
        readinessProbe: { httpGet: { path: "/-/healthy", port: "metrics" }, periodSeconds: 10, timeoutSeconds: 5 },
        resources: { requests: { cpu: "50m", memory: "192Mi" }, limits: { memory: "512Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [
          { name: "topology", mountPath: topologyFolder, readOnly: true },
          { name: "kubeconfig", mountPath: kubeconfigFolder, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "topology", configMap: { name } },
      { name: "kubeconfig", secret: { secretName: kubeconfigSecretOf(topology) } },
      { name: "tmp", emptyDir: {} },
    ],
  };
}
