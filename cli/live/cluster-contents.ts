import { z } from "zod";
import { onlyCertificates } from "../../kubernetes/certificates.ts";
import { httpCode } from "../../kubernetes/failure.ts";
import type { KubeconfigSource } from "../../kubernetes/kubeconfig.ts";
import { readBigPeers } from "../../kubernetes/read-big-peers.ts";
import { readExposingObjects } from "../../kubernetes/read-exposing-objects.ts";
import { readObject } from "../../kubernetes/read-object.ts";
import { readSecretKey, secretsApi } from "../../kubernetes/secret-key.ts";
import { UnreadableError } from "../../kubernetes/unreadable.ts";
import { ingressNginx } from "../../topology/file/exposure.ts";
import { type ClusterContents, type IngressContents, livePeers } from "../../topology/import/live-objects.ts";
import { tcpServicesPlace } from "../../topology/objects/exposure-manifests.ts";
import { passesThrough } from "../../topology/objects/passed-through.ts";
import type { OperatorContract } from "../../topology/operator/contract.ts";
import { caSecretName, trustedCaKey } from "../../topology/plan/names.ts";
import { trustedSecret } from "./trusted-secret.ts";

/** Reads what an import needs of one cluster. Of Secrets, certificates alone are kept.
 * @throws Error if the cluster cannot be reached, or refuses to list Big Peers */
export async function readContents(
  source: KubeconfigSource & { readonly cluster: string; readonly context: string },
  { contract, namespace }: { readonly contract: OperatorContract; readonly namespace: string | undefined },
): Promise<ClusterContents> {
  const { cluster: name, context } = source;
  const [objects, ingress, exposing] = await Promise.all([
    readBigPeers(source, contract, namespace),
    readIngress(source),
    // Who may read Big Peers need not be allowed to list all Services.
    readExposingObjects(source).catch((error: unknown) => ({
      unread: error instanceof UnreadableError ? error.what : String(error),
    })),
  ]);
  const seen = "unread" in exposing ? exposing : { exposing };
  const [certificates, issuers] = [new Map<string, string>(), new Map<string, string>()];
  const untouchable = new Map<string, string>();
  const contents = { name, context, ...objects, ingress, ...seen, certificates, issuers, untouchable };
  const secrets = secretsApi(source);
  const peers = livePeers(contract, contents);
  const authorities = peers.flatMap(({ name: peer, namespace, spec }) => {
    const ca = { namespace, secret: caSecretName(contract, peer) };
    return [
      { ...ca, ...trustedCaKey(contract, false), found: certificates },
      ...(passesThrough(spec, contract.fields.bigPeer.caIssuer)
        ? [{ ...ca, ...trustedCaKey(contract, true), found: issuers }]
        : []),
    ];
  });
  const trusted = new Map(
    peers.flatMap(({ namespace, trusted: listed }) =>
      listed.map((name) => [`${namespace}/${name}`, { namespace, name }] as const),
    ),
  );
  await Promise.all([
    ...authorities.map(async ({ found, ...place }) => {
      const certificate = await readSecretKey(secrets, place, { wait: false })
        .then((pem) => onlyCertificates(pem, place))
        // Trust that cannot be read joins nothing and parts nothing.
        .catch(() => undefined);
      if (certificate !== undefined) found.set(`${place.namespace}/${place.secret}`, certificate);
    }),
    ...[...trusted].map(async ([place, reference]) => {
      const found = await secrets.api
        .readNamespacedSecret(reference)
        .then((secret) => trustedSecret(contract, secret))
        .catch((error: unknown) => ({
          certificate: undefined,
          untouchable: httpCode(error) === 404 ? "it is not there" : undefined,
        }));
      if (found.certificate !== undefined) certificates.set(place, found.certificate);
      if (found.untouchable !== undefined) untouchable.set(place, found.untouchable);
    }),
  ]);
  return contents;
}

const service = z.object({
  status: z.object({
    loadBalancer: z.object({
      ingress: z.array(z.object({ hostname: z.string().optional(), ip: z.string().optional() })).default([]),
    }),
  }),
});
const configMap = z.object({ data: z.record(z.string(), z.string()).default({}) });
const controller = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ args: z.array(z.string()).default([]) })) }),
    }),
  }),
});

/** The ingress-nginx controller by the names that its manifests give it; undefined: there is none. */
async function readIngress(source: KubeconfigSource): Promise<IngressContents | undefined> {
  const settings = ingressNginx.parse({});
  const { namespace } = settings;
  const found = await readObject(source, { apiVersion: "v1", kind: "Service", namespace, name: settings.service });
  if (found === undefined) return undefined;
  const [address] = service.safeParse(found).data?.status.loadBalancer.ingress ?? [];
  const host = address?.hostname ?? address?.ip;
  const deployed = await readObject(source, {
    ...{ apiVersion: "apps/v1", kind: "Deployment", namespace, name: settings.deployment },
  });
  const args = controller.safeParse(deployed).data?.spec.template.spec.containers.flatMap((each) => each.args) ?? [];
  const flag = args.map((arg) => /^--tcp-services-configmap=(.+)$/.exec(arg)?.[1]).find((each) => each !== undefined);
  const named = flag?.replace("$(POD_NAMESPACE)", namespace);
  const usual = `${namespace}/${settings.configMap}`;
  const place = tcpServicesPlace({ ...settings, configMap: named ?? usual });
  const map = await readObject(source, { apiVersion: "v1", kind: "ConfigMap", ...place });
  return {
    host,
    tcpServices: configMap.safeParse(map).data?.data ?? {},
    settings: named === undefined || named === usual ? {} : { configMap: named },
  };
}
