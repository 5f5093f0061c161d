/** Installs F5 NGINX Ingress Controller's objects as its Helm chart does, with a GlobalConfiguration. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import type { LabCluster } from "../cluster.ts";
import { installDefinitions, readDefinitions } from "../definitions.ts";
import type { NginxF5Request } from "../exposure/requests.ts";
import { LabError } from "../lab-error.ts";
import { group, nginxDefinitions } from "./definitions.ts";

export async function installNginxF5(cluster: LabCluster, request: NginxF5Request, address: string): Promise<void> {
  const { namespace, service, globalConfiguration, ingressClass, listeners } = request;
  await installDefinitions(
    cluster,
    request.definitions === undefined ? nginxDefinitions : await originals(request.definitions),
  );
  const api = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  const labels = { "app.kubernetes.io/name": "nginx-ingress", "app.kubernetes.io/instance": service };
  const objects = [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name: ingressClass },
      spec: { controller: "nginx.org/ingress-controller" },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace, name: service, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: "nginx-ingress",
                image: "nginx/nginx-ingress:5.6.0",
                args: [
                  `-ingress-class=${ingressClass}`,
                  "-enable-custom-resources=true",
                  `-global-configuration=${namespace}/${globalConfiguration}`,
                ],
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace, name: service, labels },
      spec: {
        type: "LoadBalancer",
        selector: labels,
        ports: [
          { name: "http", port: 80, targetPort: 80, protocol: "TCP" },
          { name: "https", port: 443, targetPort: 443, protocol: "TCP" },
          ...listeners
            .filter(({ open }) => open)
            .map(({ name, port }) => ({ name, port, targetPort: port, protocol: "TCP" })),
        ],
      },
    },
    {
      apiVersion: `${group}/v1`,
      kind: "GlobalConfiguration",
      metadata: { namespace, name: globalConfiguration },
      spec: { listeners: listeners.map(({ name, port }) => ({ name, port, protocol: "TCP" })) },
    },
  ];
  for (const object of objects)
    await api.patch(object, undefined, undefined, "helm", true, PatchStrategy.ServerSideApply);
  await cluster.kubeConfig.makeApiClient(CoreV1Api).patchNamespacedServiceStatus({
    namespace,
    name: service,
    body: [{ op: "add", path: "/status/loadBalancer", value: { ingress: [{ ip: address }] } }],
  });
}

async function originals(folder: string) {
  const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const found = texts.flatMap(readDefinitions).filter(({ metadata }) => metadata.name.endsWith(`.${group}`));
  for (const { metadata } of nginxDefinitions)
    if (!found.some((each) => each.metadata.name === metadata.name))
      throw new LabError(
        `${folder} has no definition of ${metadata.name}: copy config/crd/bases of the controller into it`,
      );
  return found;
}
