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
      return ingress ? { ingress, key: [exposure.cluster, ingress.namespace, ingress.service].join("/") } : undefined;
    };
    // Only a finding needs it, and on a controller with a thousand ports it is long.
    const takenBy = (key: string) =>
      new Set([...reservedPorts, ...sorted.filter((each) => controllerOf(each)?.key === key).map((each) => each.port)]);
    for (const exposure of sorted) {
      const controller = controllerOf(exposure);
      if (!controller) continue;
      const { first, last } = controller.ingress.ports;
      const path = ["replications", exposure.replication, ...(exposure.pinned ? ["port"] : [])];
      const part = exposure.pinned ? "value" : "key";
      const fix = () => {
        const free = nextFreePort(controller.ingress.ports, exposure.port, takenBy(controller.key));
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
      const key = `${controller.key}:${exposure.port}`;
      const other = owners.get(key);
      if (other === undefined) owners.set(key, exposure.id);
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
