import { replicationServiceName } from "../topology/plan/names.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { type Certificate, type Chain, signerOf } from "./certificates.ts";
import type { Shown } from "./former-authorities.ts";
import { certificatesShownAt, type Listener, listenerOf } from "./shown-certificates.ts";

/** A Service of a cluster. */
export interface ServiceOfPeer {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The ways to the replication ports of a peer from here. */
export interface WaysToPeer {
  /** `host:port` of an exposure by its ID, where that is known. */
  readonly exposed: (exposure: string) => string | undefined;
  /**
   * Runs something with every server behind a Service of the peer's cluster; the way is closed afterwards. Undefined: there is no way into that cluster.
   * @throws Error, as a rejection, if there is no way
   */
  readonly within?:
    | (<T>(service: ServiceOfPeer, run: (servers: readonly Listener[]) => Promise<T>) => Promise<T>)
    | undefined;
}

/** The certificates that the replication ports of a peer show, or the reason why those of one port are not known. */
export type Look = { readonly chains: readonly Chain[] } | { readonly unknown: string };

/** A load balancer leads each connection to one of several servers. */
const looksAtLoadBalancer = 4;

/** Looks at every replication port of a peer that others dial. What it shows as a client, when it dials itself, nobody else can see. */
export async function lookAtPeer(plan: Plan, peer: string, ways: WaysToPeer): Promise<Look> {
  const targets = [...plan.replications.values()].flatMap(({ name: replication, sides }) =>
    sides.filter((side) => side.target && side.peer === peer).map((side) => ({ replication, side })),
  );
  if (targets.length === 0) return { unknown: "it only dials, so only the peers that it dials see its certificate" };
  const { operator } = plan;
  const looks = await Promise.all(
    targets.map(async ({ replication, side }): Promise<Look> => {
      const exposure = plan.exposures.find((each) => each.replication === replication && each.peer === peer);
      const address = exposure && ways.exposed(exposure.id);
      const listener = address === undefined ? undefined : listenerOf(address);
      const reasons: string[] = [];
      if (listener) {
        try {
          const many = Array.from({ length: looksAtLoadBalancer }, () => certificatesShownAt(listener));
          return { chains: await Promise.all(many) };
        } catch (error) {
          reasons.push(`${address} cannot be inspected from here (${messageOf(error)})`);
        }
      }
      if (ways.within) {
        const name = replicationServiceName(operator, peer, side.name);
        const service = { namespace: side.namespace, name, port: operator.replicationService.port };
        try {
          const chains = await ways.within(service, (servers) => Promise.all(servers.map(certificatesShownAt)));
          if (chains.length > 0) return { chains };
          reasons.push(`nothing runs behind the Service ${side.namespace}/${name}`);
        } catch (error) {
          reasons.push(`the Service ${side.namespace}/${name} cannot be inspected from here (${messageOf(error)})`);
        }
      }
      return { unknown: reasons.join(", and ") || `no address of its replication ${replication} is known here` };
    }),
  );
  const unseen = looks.find((look) => "unknown" in look);
  return unseen ?? { chains: looks.flatMap((look) => ("chains" in look ? look.chains : [])) };
}

/** The CA that has signed a peer's certificates: the oldest of all that are in use.
 * @param authorities that the peer has or has had, the newest first */
export function shownOf(look: Look, authorities: readonly Certificate[]): Shown {
  if ("unknown" in look) return look;
  const signers = look.chains.map((chain) => signerOf(chain, authorities));
  if (signers.some((signer) => signer === undefined))
    return { unknown: "it shows a certificate that neither its new CA nor a former one has signed" };
  const oldest = authorities.findLast((each) => signers.includes(each));
  return oldest ? { signer: oldest.fingerprint } : { unknown: "it shows no certificate" };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
