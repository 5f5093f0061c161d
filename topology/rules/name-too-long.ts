import { maxLabelLength } from "../plan/names.ts";
import type { Rule } from "./rule.ts";

/** The parts of a Service's name add up. */
export const nameTooLong: Rule = {
  id: "name-too-long",
  severity: "error",
  summary: "The composed name of a Service, an app or a Secret is longer than 63 characters.",
  why: "the operator cannot create the Service, so the other side has no address to dial, and nothing reports it",
  source:
    "guide: the Service is `ditto-<peer>-replication-<replication>-<peer>`; Kubernetes: a Service name is a DNS-1123 label",
  ignorable: false,
  *check({ plan }) {
    for (const replication of plan.replications.values()) {
      for (const side of replication.sides) {
        const service = side.serviceAddress.split(".")[0] ?? "";
        const excess = service.length - maxLabelLength;
        if (excess <= 0) continue;
        yield {
          path: ["replications", replication.name],
          part: "key",
          what: `on "${side.peer}" its Service would be called ${service}, ${service.length} characters long`,
          fix: `shorten the names "${replication.name}" and "${side.peer}" (it counts twice) by ${excess} character${excess === 1 ? "" : "s"} together`,
        };
      }
    }
    for (const { replication, peer, object, ingress, way } of plan.exposures) {
      const excess = object.length - maxLabelLength;
      if (excess <= 0 || way.kind === "ingressNginx" || way.kind === "address") continue;
      yield {
        path: ["replications", replication],
        part: "key",
        what: `the object that exposes it on "${peer}" would be called ${object}, ${object.length} characters long`,
        fix: `shorten the names "${replication}", "${peer}"${ingress === "default" ? "" : ` and "${ingress}"`} by ${excess} character${excess === 1 ? "" : "s"} together`,
      };
    }
    for (const app of plan.apps.values()) {
      for (const object of app.objects) {
        const excess = object.name.length - maxLabelLength;
        if (excess <= 0) continue;
        yield {
          path: ["apps", app.name],
          part: "key",
          what: `on "${object.peer}" it would be called ${object.name}, ${object.name.length} characters long`,
          fix: `shorten the names "${app.name}" and "${object.peer}" by ${excess} character${excess === 1 ? "" : "s"} together`,
        };
      }
    }
    for (const peer of plan.peers.values()) {
      for (const service of [peer.apiAddress.split(".")[0] ?? "", peer.caSecret]) {
        const excess = service.length - maxLabelLength;
        if (excess <= 0) continue;
        yield {
          path: ["peers", peer.name],
          part: "key",
          what: `the operator would create ${service} for it, ${service.length} characters long`,
          fix: `shorten the name by ${excess} character${excess === 1 ? "" : "s"}`,
        };
      }
    }
  },
};
