import type { Auth } from "../file/auth.ts";
import type { Rule } from "./rule.ts";

/** Tokens on the wire. */
export const plainHttp: Rule = {
  id: "plain-http",
  severity: "warning",
  summary: "A token webhook is called without TLS in production.",
  why: "the client's token goes over the network in plain text, and anyone who answers in the webhook's place can let anybody in",
  source: "API: the webhook's answer decides who signs in, and with which permissions",
  ignorable: true,
  *check({ topology }) {
    if (topology.environment === "development") return;
    for (const section of ["peers", "apps"] as const) {
      for (const [name, { auth }] of Object.entries(topology[section])) {
        const webhooks: NonNullable<Auth["webhooks"]> = auth?.webhooks ?? {};
        for (const [provider, { url }] of Object.entries(webhooks)) {
          if (!url.startsWith("http://")) continue;
          yield {
            path: [section, name, "auth", "webhooks", provider, "url"],
            what: "is called without TLS",
            fix: `write https://${url.slice("http://".length)}`,
          };
        }
      }
    }
  },
};
