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
          if (!/^https?:\/\/[^/@]*:[^/@]+@/.test(url)) continue;
          yield {
            path: [section, name, "auth", "webhooks", provider, "url"],
            what: "a password in a URL",
            fix: "let the webhook know its callers in another way, such as the network or mutual TLS",
          };
        }
      }
    }
    for (const [name, { spec }] of Object.entries(topology.peers)) yield* plainValues(spec, ["peers", name, "spec"]);
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

const secretKey = /(password|passphrase|secretaccesskey|privatekey|apikey|sharedtoken|^token)$/i;

function* plainValues(value: unknown, path: Path): Iterable<Violation> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (typeof inner === "string" && isSecretKey(key)) {
      yield {
        path: at,
        what: `\`${key}\` in plain text`,
        fix: "put it into a Secret in the cluster and name that, as the operator's fields for Secret references do",
      };
    }
    yield* plainValues(inner, at);
  }
}
