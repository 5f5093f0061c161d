import type { KubeconfigSource } from "../kubernetes/kubeconfig.ts";
import { readObject } from "../kubernetes/read-object.ts";
import { readSecretKey, secretsApi } from "../kubernetes/secret-key.ts";
import { apiVersionOf } from "../topology/objects/manifests.ts";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import { readShape } from "../topology/operator/shape.ts";
import type { Plan, PlannedPeer } from "../topology/plan/plan.ts";
import { fieldAt, valueAt } from "../topology/value-at.ts";
import { type Look, lookAtPeer, type WaysToPeer } from "./shown-by-peer.ts";
import type { Found, TrustSeen } from "./stale-trust.ts";

/** Gives the ways to a peer's replication ports; undefined if nobody looks at them. */
export type WaysTo = (peer: PlannedPeer) => WaysToPeer | undefined;

/** Reads one object; undefined where it is not there. */
export type Read = (source: KubeconfigSource, reference: ObjectReference) => Promise<unknown>;

/** Reads out of every cluster of a plan which CAs there are and which are trusted, and looks at what peers show.
 * @param read for a caller that reads the same objects itself
 * @param limited for a caller that bounds how many Secrets of a cluster are read at a time */
export async function observeTrust(
  plan: Plan,
  kubeconfig: string | undefined,
  ways: WaysTo,
  read: Read = readObject,
  limited: <T>(cluster: string, task: () => Promise<T>) => Promise<T> = (_, task) => task(),
): Promise<TrustSeen> {
  const authorities = new Map<string, Found<string>>();
  const secrets = new Map<string, Found<readonly (string | undefined)[]>>();
  const listed = new Map<string, Found<readonly string[]>>();
  const looks = new Map<string, Look>();
  await Promise.all(
    [...plan.peers.values()].map(async (peer) => {
      const cluster = plan.clusters.get(peer.cluster);
      const source = {
        cluster: peer.cluster,
        kubeconfig: cluster?.kubeconfig ?? kubeconfig,
        context: cluster?.context,
      };
      const { namespace, name } = peer;
      // One Secret may be for all that a peer trusts.
      const bySecret = new Map<string, Promise<Found<unknown>>>();
      const readSecret = (secret: string) => {
        const reference = { apiVersion: "v1", kind: "Secret", namespace, name: secret };
        const found = bySecret.get(secret) ?? look(read, source, reference);
        bySecret.set(secret, found);
        return found;
      };
      const trusts = peer.trusts.map(async ({ peer: other, secret }) => {
        const found = await readSecret(secret);
        const keys = plan.operator.trustSecret.certificateKey;
        secrets.set(
          `${name} ${other}`,
          foundIn(found, (object) => keys.map((key) => dataOf(object, key))),
        );
      });
      const bigPeer = async () => {
        const { operator } = plan;
        const reference = { apiVersion: apiVersionOf(operator), kind: operator.kinds.bigPeer, namespace, name };
        const found = await look(read, source, reference);
        listed.set(
          name,
          foundIn(found, (object) => trustedBy(plan, object)),
        );
      };
      const shown = async () => {
        const way = ways(peer);
        if (way) looks.set(name, await lookAtPeer(plan, name, way));
      };
      await Promise.all([
        ...trusts,
        bigPeer(),
        shown(),
        limited(peer.cluster, () => readAuthority(peer, source)).then((found) => authorities.set(name, found)),
      ]);
    }),
  );
  const notAsked = { unknown: "it was not read" };
  return {
    authority: (peer) => authorities.get(peer) ?? notAsked,
    secret: (truster, trusted) => secrets.get(`${truster} ${trusted}`) ?? notAsked,
    listed: (truster) => listed.get(truster) ?? notAsked,
    shown: (peer) => looks.get(peer),
  };
}

async function readAuthority(peer: PlannedPeer, source: KubeconfigSource): Promise<Found<string>> {
  try {
    const { namespace, caSecret: secret, caKey: key, caKeySetting: keySetting } = peer;
    const place = { namespace, secret, key, keySetting };
    return { value: await readSecretKey(secretsApi(source), place, { wait: false }) };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

async function look(read: Read, source: KubeconfigSource, reference: ObjectReference): Promise<Found<unknown>> {
  try {
    return { value: await read(source, reference) };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

function foundIn<T>(found: Found<unknown>, value: (object: unknown) => T): Found<T> {
  if ("unknown" in found) return found;
  return { value: found.value === undefined ? undefined : value(found.value) };
}

function dataOf(secret: unknown, key: string): string | undefined {
  const value = valueAt(secret, ["data", key]);
  return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : undefined;
}

function trustedBy(plan: Plan, bigPeer: unknown): string[] {
  const entries = fieldAt(bigPeer, plan.operator.fields.bigPeer.trustedCas);
  return (Array.isArray(entries) ? entries : []).flatMap(
    (entry: unknown) => readShape(plan.operator.shapes.trustedCa, entry)?.secret ?? [],
  );
}
