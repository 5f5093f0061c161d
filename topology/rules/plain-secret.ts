import type { Path } from "../finding.ts";
import type { Auth } from "../schema.ts";
import type { Rule, Violation } from "./rule.ts";

/** A topology file is in git. */
export const plainSecret: Rule = {
  id: "plain-secret",
  severity: "error",
  summary: "A token, password or key is written in plain text in the topology.",
  why: "the file is in version control and in every preview, so everybody who can read either has the secret",
  source: "Pulumi: secrets belong into the stack's encrypted configuration",
  ignorable: true,
  *check({ topology }) {
    for (const section of ["peers", "apps"] as const) {
      for (const [name, { auth }] of Object.entries(topology[section])) {
        if (typeof auth?.playground?.token === "string") {
          yield {
            path: [section, name, "auth", "playground", "token"],
            what: "the playground's token in plain text",
            fix: "leave it out to have one generated, or write `token: { config: playgroundToken }` and `pulumi config set --secret bigpeer:playgroundToken`",
          };
        }
        const webhooks: NonNullable<Auth["webhooks"]> = auth?.webhooks ?? {};
        for (const [provider, { url }] of Object.entries(webhooks)) {
          if (!holdsSecret(url)) continue;
          yield {
            path: [section, name, "auth", "webhooks", provider, "url"],
            what: "a secret in a URL",
            fix: "let the webhook know its callers in another way, such as the network or mutual TLS",
          };
        }
      }
    }
    for (const [name, { kubeconfig }] of Object.entries(topology.clusters)) {
      if (kubeconfig === undefined || !/^\s*-?\s*[\w-]+:/m.test(kubeconfig) || !kubeconfig.includes("\n")) continue;
      yield {
        path: ["clusters", name, "kubeconfig"],
        what: "the content of a kubeconfig, with whatever credentials it has",
        fix: "write the path of the file, or leave it out and `pulumi config set --secret bigpeer:kubeconfig`",
      };
    }
    for (const [name, { api, spec, image }] of Object.entries(topology.peers)) {
      if (api !== undefined && holdsSecret(api)) {
        const fix = "write the URL alone; `verify` signs in by a key of its own";
        yield { path: ["peers", name, "api"], what: "a secret in a URL", fix };
      }
      yield* plainValues(spec, ["peers", name, "spec"]);
      yield* plainValues(image, ["peers", name, "image"]);
    }
    for (const section of ["apps", "replications"] as const) {
      for (const [name, { spec }] of Object.entries(topology[section]))
        yield* plainValues(spec, [section, name, "spec"]);
    }
  },
};

/** Whether a finding is about a value that must not be shown, not even in the finding. */
export function hidesWhatItFinds(rule: string): boolean {
  return rule === plainSecret.id;
}

/** Whether a key is one that holds a secret, by its name. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key.replace(/[-_]/g, ""));
}

const secretKey =
  /(password|passphrase|secretaccesskey|secretkey|privatekey|keydata|apikey|clientsecret|sharedtoken|(access|auth|bearer)token|^token)$/i;

/** The user in front of a URL's host, in whatever scheme, and each of its parameters. */
export const userInUrl = /(?<=[a-z]:\/\/)[^/@\s"']+(?=@)/gi;
export const parameterOfUrl = /(?<=[?&])([\w-]+)=([^&\s"']+)/g;

function holdsSecret(text: string): boolean {
  if (text.includes("PRIVATE KEY-----")) return true;
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  return (
    isUrl &&
    (text.search(userInUrl) >= 0 || [...text.matchAll(parameterOfUrl)].some(([, key]) => isSecretKey(key ?? "")))
  );
}

function* plainValues(value: unknown, path: Path): Iterable<Violation> {
  if (typeof value !== "object" || value === null) return;
  // Of an environment variable the name says what its value is.
  const named = "name" in value && typeof value.name === "string" && isSecretKey(value.name);
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    // What a reference holds are names: that of a Secret, and that of a key in it.
    if (/refs?$|selector$/i.test(key)) continue;
    if (typeof inner === "string" && (isSecretKey(key) || (named && key === "value") || holdsSecret(inner))) {
      yield {
        path: at,
        what: holdsSecret(inner) ? `\`${key}\` has a secret in it, in plain text` : `\`${key}\` in plain text`,
        fix: "put it into a Secret in the cluster and name that, as the operator's fields for Secret references do",
      };
    }
    yield* plainValues(inner, at);
  }
}
