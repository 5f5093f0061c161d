import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onlyCertificates } from "../../kubernetes/certificates.ts";
import type { KubeconfigSource } from "../../kubernetes/kubeconfig.ts";
import { readSecretKey, type SecretsApi, secretsApi } from "../../kubernetes/secret-key.ts";
import { unreadable } from "../../kubernetes/unreadable.ts";
import type { Plan, PlannedPeer } from "../../topology/plan/plan.ts";
import { UsageError } from "../usage-error.ts";
import { needKubeconfig } from "./need-kubeconfig.ts";

/**
 * Reads the CA certificate of each Big Peer that another one trusts out of its cluster, and keeps it as `<folder>/<peer>.pem`. Only the
 * certificate leaves the cluster, though the operator keeps the private key in the same Secret.
 * @param kubeconfig of clusters that name none; undefined: as kubectl finds it
 * @throws UsageError with every certificate that cannot be read; those that can be are kept all the same
 */
export async function fetchCas(plan: Plan, folder: string, kubeconfig: string | undefined): Promise<void> {
  const trusted = new Set([...plan.peers.values()].flatMap(({ trusts }) => trusts.map(({ peer }) => peer)));
  const peers = [...plan.peers.values()].filter(({ name }) => trusted.has(name));
  await needKubeconfig(plan, kubeconfig);
  mkdirSync(folder, { recursive: true });
  const failures = await Promise.all(
    peers.map(async (peer) => {
      try {
        writeFileSync(join(folder, `${peer.name}.pem`), await readCa(plan, peer, kubeconfig));
        return [];
      } catch (error) {
        return [`${peer.name}: ${error instanceof Error ? error.message : String(error)}`];
      }
    }),
  );
  const told = failures.flat();
  if (told.length > 0) throw new UsageError(`--fetch-cas ${folder}:\n${told.map((line) => `  ${line}`).join("\n")}`);
}

async function readCa(plan: Plan, peer: PlannedPeer, fallback: string | undefined) {
  const { cluster, namespace, caSecret, caKey, caKeySetting } = peer;
  const { context, kubeconfig = fallback } = plan.clusters.get(cluster) ?? {};
  const place = { namespace, secret: caSecret, key: caKey, keySetting: caKeySetting };
  return onlyCertificates(await readSecretKey(apiOf({ cluster, context, kubeconfig }), place, { wait: false }), place);
}

function apiOf(source: KubeconfigSource): SecretsApi {
  try {
    return secretsApi(source);
  } catch (error) {
    throw unreadable("the CA certificate", error, source);
  }
}
