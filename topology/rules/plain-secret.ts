import type { Path } from "../findings/finding.ts";
import { secretsOfTopology } from "../secrets/topology.ts";
import type { FoundSecret } from "../secrets/values.ts";
import type { Rule, Violation } from "./rule.ts";

/** A topology file is in git. What a secret is, is judged in secrets/, for this rule as for all that is printed. */
export const plainSecret: Rule = {
  id: "plain-secret",
  severity: "error",
  summary: "A token, password or key is written in plain text in the topology.",
  why: "the file is in version control, and `render` and a deployment write the value where others can read it, so it is no longer secret",
  source: "Pulumi: secrets belong in the stack's encrypted configuration",
  ignorable: true,
  *check({ topology }) {
    for (const found of secretsOfTopology(topology)) yield violation(found);
  },
};

function violation({ path, whole }: FoundSecret): Violation {
  const [section, , ...setting] = path;
  const at = setting.join(".");
  if (at === "auth.playground.token")
    return {
      path,
      what: "the playground's token in plain text",
      fix: "leave it out to have one generated, or write `token: { config: playgroundToken }` and `pulumi config set --secret bigpeer:playgroundToken`",
    };
  if (section === "clusters" && at === "kubeconfig")
    return {
      path,
      what: "the content of a kubeconfig, with whatever credentials it has",
      fix: "write the path of the file, or leave it out and `pulumi config set --secret bigpeer:kubeconfig`",
    };
  if (at.startsWith("auth.webhooks.") && at.endsWith(".url"))
    return {
      path,
      what: "a secret in a URL",
      fix: "let the webhook authenticate its callers in another way, such as the network or mutual TLS",
    };
  if (section === "peers" && at === "api")
    return { path, what: "a secret in a URL", fix: "write the URL alone; `verify` signs in with a key of its own" };
  const name = `\`${nameOf(path)}\``;
  return {
    path,
    what: whole ? `${name} in plain text` : `${name} contains a secret in plain text`,
    fix: "put it into a Secret in the cluster and name that, as the operator's fields for Secret references do",
  };
}

/** The last name of a path: of an item of a list that of the list. */
function nameOf(path: Path): string {
  return String(path.findLast((step) => typeof step === "string"));
}
