import { allIngresses } from "../ingress-hosts.ts";
import { isDnsLabel, isDnsSubdomain, maxLabelLength } from "../names.ts";
import type { Rule } from "./rule.ts";

/** Names become names of Kubernetes objects, Services among them. */
export const nameNotDns: Rule = {
  id: "name-not-dns",
  severity: "error",
  summary: "A name is not a DNS-1123 label: 1 to 63 lower-case letters, digits and dashes.",
  why: "the API server refuses the object that carries the name, or the operator cannot make its Service",
  source: "API: names are DNS-1123 labels, 1 to 63 characters",
  ignorable: false,
  *check({ topology }) {
    for (const section of ["clusters", "peers", "apps", "replications"] as const) {
      for (const name of Object.keys(topology[section])) {
        if (isDnsLabel(name)) continue;
        const folded = name
          .normalize("NFKD")
          .replace(/\p{M}/gu, "")
          .toLowerCase()
          .replace(/[^a-z0-9-]+/g, "-")
          .replace(/^-+|-+$/g, "")
          .slice(0, maxLabelLength);
        yield {
          path: [section, name],
          part: "key",
          what: `"${name}" is not a DNS-1123 label`,
          fix: `rename it${folded === "" ? "" : `, for example to "${folded}"`}: lower-case letters, digits and dashes, at most ${maxLabelLength}`,
        };
      }
    }
    for (const section of ["clusters", "peers"] as const) {
      for (const [name, { namespace }] of Object.entries(topology[section])) {
        if (namespace === undefined || isDnsLabel(namespace)) continue;
        yield {
          path: [section, name, "namespace"],
          what: `"${namespace}" cannot be the name of a namespace`,
          fix: `write lower-case letters, digits and dashes, at most ${maxLabelLength}`,
        };
      }
    }
    for (const { path, ingress } of allIngresses(topology)) {
      for (const key of ["namespace", "service", "deployment", "configMap"] as const) {
        if (key === "namespace" || key === "service" ? isDnsLabel(ingress[key]) : isDnsSubdomain(ingress[key]))
          continue;
        yield {
          path: [...path, key],
          what: `"${ingress[key]}" cannot be the name of a ${key}`,
          fix: "write the name as kubectl shows it: lower-case letters, digits and dashes",
        };
      }
    }
  },
};
