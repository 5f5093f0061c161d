import type { Way } from "../file/exposure.ts";
import { allIngresses, allWays } from "../file/ingress-hosts.ts";
import { isDnsLabel, isDnsSubdomain, maxLabelLength } from "../plan/names.ts";
import type { Rule, RuleContext, Violation } from "./rule.ts";

/** Names become names of Kubernetes objects, Services among them. */
export const nameNotDns: Rule = {
  id: "name-not-dns",
  severity: "error",
  summary: "A name is not a DNS-1123 label: 1 to 63 lower-case letters, digits and dashes.",
  why: "the API server refuses the object that carries the name, or the operator cannot create its Service",
  source: "API: names are DNS-1123 labels, 1 to 63 characters",
  ignorable: false,
  *check({ topology }) {
    for (const section of ["clusters", "peers", "apps", "replications"] as const) {
      const names = Object.keys(topology[section]);
      const taken = new Set(names.filter(isDnsLabel).map(fold));
      for (const name of names) {
        if (isDnsLabel(name)) continue;
        const folded = freeName(asLabel(name), taken);
        taken.add(fold(folded));
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
        if (isNameOf(key, ingress[key])) continue;
        yield {
          path: [...path, key],
          what: `"${ingress[key]}" cannot be the name of a ${key}`,
          fix: "write the name as kubectl shows it: lower-case letters, digits and dashes",
        };
      }
    }
    yield* wayNames(topology);
    yield* trustSecretNames(topology);
  },
};

function* trustSecretNames({ peers }: RuleContext["topology"]): Iterable<Violation> {
  for (const [peer, { trustSecrets, otherTrustSecrets }] of Object.entries(peers))
    for (const [key, names] of Object.entries({ trustSecrets, otherTrustSecrets }))
      for (const [entry, name] of Object.entries(names ?? {}))
        if (!isDnsSubdomain(name))
          yield {
            path: ["peers", peer, key, Array.isArray(names) ? Number(entry) : entry],
            what: `"${name}" cannot be the name of a Secret`,
            fix: "write the name as kubectl shows it: lower-case letters, digits, dashes and dots",
          };
}

/** Names of objects, and of ways, which become part of an object's name. */
function* wayNames(topology: RuleContext["topology"]): Iterable<Violation> {
  for (const { path, name, way } of allWays(topology)) {
    const named = path[2] === "exposures";
    if (named && !isDnsLabel(name))
      yield {
        path: path.slice(0, -1),
        part: "key",
        what: `"${name}" is not a DNS-1123 label`,
        fix: `rename it: lower-case letters, digits and dashes, at most ${maxLabelLength}`,
      };
    for (const [key, value] of Object.entries(objectNames(way))) {
      if (value === undefined || (key === "namespace" || key === "service" ? isDnsLabel(value) : isDnsSubdomain(value)))
        continue;
      yield {
        path: [...path, key],
        what: `"${value}" cannot be the name of a ${key}`,
        fix: "write the name as kubectl shows it: lower-case letters, digits and dashes",
      };
    }
  }
}

function objectNames({ kind, settings }: Way): Readonly<Record<string, string | undefined>> {
  if (kind === "gateway") {
    const { name, namespace, className } = settings;
    return { name, namespace, className };
  }
  if (kind !== "transportServer") return {};
  const { namespace, service, globalConfiguration } = settings;
  return { namespace, service, globalConfiguration };
}

function isNameOf(key: "namespace" | "service" | "deployment" | "configMap", name: string): boolean {
  if (key === "namespace" || key === "service") return isDnsLabel(name);
  const [first = "", ...others] = name.split("/");
  // A ConfigMap may be in another namespace than its controller.
  if (key === "configMap" && others.length === 1) return isDnsLabel(first) && isDnsSubdomain(others[0] ?? "");
  return isDnsSubdomain(name);
}

/** The DNS label that a name comes near to; empty where nothing of it is left. */
function asLabel(name: string): string {
  return trimmed(
    name
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, "-"),
    maxLabelLength,
  );
}

/** A name that no other entry has, that is advised for no other, and that differs from each in more than case and punctuation. */
function freeName(label: string, taken: ReadonlySet<string>): string {
  if (label === "" || !taken.has(fold(label))) return label;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const numbered = `${trimmed(label, maxLabelLength - suffix.length)}${suffix}`;
    if (!taken.has(fold(numbered))) return numbered;
  }
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

function trimmed(label: string, length: number): string {
  return label.replace(/^-+/, "").slice(0, length).replace(/-+$/, "");
}
