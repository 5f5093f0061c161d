import { nextFreePort } from "../ports.ts";
import type { Rule } from "./rule.ts";

/** One port leads to one Service. */
export const portClash: Rule = {
  id: "port-clash",
  severity: "error",
  summary:
    "Two exposed targets have one port on one controller, a port is out of the controller's range, or is reserved.",
  why: "the controller sends both to one Service, so one replication connects to the wrong peer and never syncs",
  source: "guide: the tcp-services ConfigMap maps one port to one Service",
  ignorable: false,
  *check({ plan }) {
    const owners = new Map<string, string>();
    const sorted = [...plan.exposures].sort((a, b) => Number(b.pinned) - Number(a.pinned));
    const controllerOf = (exposure: { cluster: string; ingress: string }) => {
      const ingress = plan.clusters.get(exposure.cluster)?.ingresses.get(exposure.ingress);
      if (!ingress) return undefined;
      const { namespace, service, configMap } = ingress;
      // The port is opened on the Service, and is a key of the ConfigMap, which another controller may read, too.
      const keys = [`Service/${service}`, `ConfigMap/${configMap}`].map((each) =>
        [exposure.cluster, namespace, each].join("/"),
      );
      return { ingress, keys };
    };
    // Only a finding needs it, and on a controller with a thousand ports it is long.
    const takenBy = (keys: readonly string[]) => {
      const sharing = sorted.filter((each) => controllerOf(each)?.keys.some((key) => keys.includes(key)));
      return new Set([...reservedPorts, ...sharing.map(({ port }) => port)]);
    };
    for (const exposure of sorted) {
      const controller = controllerOf(exposure);
      if (!controller) continue;
      const { first, last } = controller.ingress.ports;
      const path = ["replications", exposure.replication, ...(exposure.pinned ? ["port"] : [])];
      const part = exposure.pinned ? "value" : "key";
      const fix = () => {
        const free = nextFreePort(controller.ingress.ports, exposure.port, takenBy(controller.keys));
        return free === undefined
          ? `widen clusters.${exposure.cluster} ingress \`ports\`: ${first}-${last} is full`
          : `pin a free one on "${exposure.peer}": \`port: { ${exposure.peer}: ${free} }\``;
      };
      if (exposure.port < first || exposure.port > last) {
        yield {
          path,
          part,
          what: `port ${exposure.port} is outside the controller's range ${first}-${last}`,
          fix: fix(),
        };
      } else if (reservedPorts.has(exposure.port)) {
        yield { path, part, what: `port ${exposure.port} is the controller's own`, fix: fix() };
      }
      const keys = controller.keys.map((key) => `${key}:${exposure.port}`);
      const other = keys.map((key) => owners.get(key)).find((owner) => owner !== undefined);
      if (other === undefined) for (const key of keys) owners.set(key, exposure.id);
      else
        yield {
          path,
          part,
          what: `"${exposure.peer}" gets port ${exposure.port} of the cluster "${exposure.cluster}", which is given to ${other} already`,
          fix: fix(),
        };
    }
  },
};

/** HTTP, HTTPS, and what ingress-nginx itself listens on: webhook, status, default backend and metrics. */
const reservedPorts: ReadonlySet<number> = new Set([80, 442, 443, 8181, 8443, 10245, 10246, 10247, 10254]);
