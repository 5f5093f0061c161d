import type { Plan } from "../plan/plan.ts";
import type { Rule } from "./rule.ts";

/** Something that becomes an object, or that the operator makes one for. */
interface Named {
  readonly kind: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: readonly [section: string, entry: string];
  /** The kind of thing that it is, for a person. */
  readonly what: string;
}

/** Two things that would be one object in Kubernetes. */
export const ambiguousName: Rule = {
  id: "ambiguous-name",
  severity: "error",
  summary:
    "Two apps, two replications, or two objects that the operator makes would have the same name in one namespace.",
  why: "the second would overwrite the first, and one of the two would never work",
  source:
    "Kubernetes: a name is unique in its namespace; names here are composed, so `a-b` + `c` and `a` + `b-c` give the same one",
  ignorable: false,
  *check({ plan }) {
    const owners = new Map<string, Named>();
    for (const object of namedObjects(plan)) {
      const { kind, cluster, namespace, name, path, what } = object;
      const key = `${kind}/${cluster}/${namespace}/${name}`;
      const other = owners.get(key);
      if (other === undefined) owners.set(key, object);
      // One entry that names a peer twice is another rule's.
      else if (other.path.join() !== path.join() || other.what !== what)
        yield {
          path,
          part: "key",
          what: `${what} would be ${kind} ${namespace}/${name}, which is already ${other.what}`,
          fix: "rename one of the two, or give one peer a namespace of its own; a name in `operator` without {peer} is the same for all peers",
        };
    }
  },
};

function* namedObjects({ operator: { kinds }, apps, replications, peers, exposures }: Plan): Iterable<Named> {
  for (const app of apps.values()) {
    for (const { cluster, namespace, name, peer } of app.objects)
      yield { kind: kinds.app, cluster, namespace, name, path: ["apps", app.name], what: `"${app.name}" on "${peer}"` };
  }
  for (const replication of replications.values()) {
    for (const { cluster, namespace, name, peer, serviceAddress } of replication.sides) {
      const path = ["replications", replication.name] as const;
      const what = `"${replication.name}" on "${peer}"`;
      yield { kind: kinds.replication, cluster, namespace, name, path, what };
      yield { kind: "Service", cluster, namespace, name: serviceOf(serviceAddress, namespace), path, what };
    }
  }
  for (const { cluster, backend, object: name, way, replication, peer, ingress } of exposures) {
    if (way.kind === "ingressNginx" || way.kind === "address") continue;
    // Services and routes share one kind here: a way that changes keeps the name.
    const path = ["replications", replication] as const;
    const what = `the exposure of "${replication}" on "${peer}" by "${ingress}"`;
    yield { kind: "Service", cluster, namespace: backend.namespace, name, path, what };
  }
  for (const { cluster, namespace, name: peer, caSecret, apiAddress, trusts } of peers.values()) {
    const path = ["peers", peer] as const;
    const api = serviceOf(apiAddress, namespace);
    yield { kind: "Service", cluster, namespace, name: api, path, what: `the HTTP API of "${peer}"` };
    yield { kind: "Secret", cluster, namespace, name: caSecret, path, what: `the CA of "${peer}"` };
    // One Secret may be for all that a peer trusts.
    for (const [name, held] of Map.groupBy(trusts, ({ secret }) => secret)) {
      const others = held.length === 1 ? `"${held[0]?.peer}"` : "others";
      yield { kind: "Secret", cluster, namespace, name, path, what: `the trust of "${peer}" in ${others}` };
    }
  }
}

function serviceOf(address: string, namespace: string): string {
  return address.slice(0, address.lastIndexOf(`.${namespace}.svc.`));
}
