import type { Auth } from "../../file/auth.ts";
import { Finding } from "../../findings/finding.ts";
import type { Plan } from "../../plan/plan.ts";
import { shareOf } from "../../plan/share.ts";
import { live } from "../../rules/live.ts";
import { isSure, type Judged } from "./settle.ts";

/** The command that reads a cluster's operator and writes what fits into the topology file. */
export function contractCommand(context: string): string {
  return `npx bigpeer contract --context ${context} --write`;
}

/** True if anything of a cluster's share of a plan is written or read by a setting of the contract. */
export function isUsed(plan: Plan, cluster: string, setting: string): boolean {
  const { peers, ...share } = shareOf(plan, cluster);
  const apps = share.apps.map(({ app }) => app);
  const auths = [...peers.map(({ settings }) => settings.auth), ...apps.map(({ auth }) => auth)];
  const anyAuth = (holds: (auth: Auth) => boolean) => auths.some((auth) => auth !== undefined && holds(auth));
  switch (setting) {
    case "shapes.webhookProvider":
      return anyAuth(({ webhooks }) => Object.keys(webhooks ?? {}).length > 0);
    case "shapes.dqlPermission":
      return anyAuth(({ playground }) =>
        Object.values(playground?.permissions ?? {}).some((each) => typeof each === "object"),
      );
    case "fields.app.authProviders":
      return apps.some(({ auth }) => auth !== undefined);
    case "fields.bigPeer.kafkaListener":
      return peers.some(({ settings }) => settings.kafkaListener !== undefined);
    case "fields.bigPeer.trustedCas":
    case "shapes.trustedCa":
      return peers.some(({ trusts }) => trusts.length > 0);
    default:
      return peers.length > 0;
  }
}

/**
 * Settings of the contract that a cluster's operator answers otherwise.
 * @param found what has been found already: a setting that it names is not named again
 */
export function contractDiffers(
  judged: readonly Judged[],
  { cluster, context }: { readonly cluster: string; readonly context: string },
  found: readonly Finding[],
): Finding[] {
  const named = new Set(found.map(({ path }) => path.join(".")));
  const about = ({ setting }: Judged) =>
    // A field and the shape of what is in it are one thing to whoever reads of it.
    setting === "shapes.trustedCa" ? [setting, "fields.bigPeer.trustedCas"] : [setting];
  return judged
    .filter((each) => each.differs && isSure(each))
    .filter((each) => about(each).every((setting) => !named.has(`operator.${setting}`)))
    .map(
      ({ setting, value, current, confidence, evidence }) =>
        new Finding(live.contractDiffers, {
          path: ["operator", ...setting.split(".")],
          what: `in cluster "${cluster}" it is ${confidence === "certain" ? "" : "likely "}${shown(value)}, but ${shown(current)} is assumed: ${evidence[0] ?? ""}`,
          why: consequences[setting],
          fix: `\`${contractCommand(context)}\` reports what was found where, and writes it`,
        }),
    );
}

const consequences: Readonly<Record<string, string>> = {
  "caSecret.name": "the CA of a Big Peer is not found under another name, so nobody can be made to trust it",
  "caSecret.certificateKey": "the CA of a Big Peer is not found under another key, so nobody can be made to trust it",
};

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
