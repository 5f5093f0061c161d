import { z } from "zod";
import { playgroundAnnotation, playgroundProvider } from "../topology/objects/auth-providers.ts";
import {
  type CompanyPolicy,
  developmentStacks,
  fieldAt,
  isRecord,
  onStack,
  operatorKind,
  type Violation,
} from "./company-policy.ts";
import { operatorSetting } from "./operator-setting.ts";

const settings = z.strictObject({ developmentStacks, operator: operatorSetting });

/** Nobody can sign in with only a shared token. */
export const noPlaygroundAuth: CompanyPolicy<typeof settings> = {
  name: "no-playground-auth",
  description: "No Big Peer and no app accepts clients by a shared token alone.",
  severity: "critical",
  judges: "declared",
  settings,
  judge(resource, { developmentStacks, operator }) {
    if (onStack(resource, developmentStacks)) return [];
    const { bigPeer, app } = operator.kinds;
    const fields = { [bigPeer]: operator.fields.bigPeer, [app]: operator.fields.app }[operatorKind(resource, operator)];
    if (!fields) return [];
    const providers = fieldAt(resource.properties, fields.authProviders);
    const seen = isRecord(providers) ? Object.entries(providers) : [];
    const anonymous = seen.flatMap(([name, provider]) =>
      isRecord(provider) && Object.hasOwn(provider, "anonymous") ? [name] : [],
    );
    // The engine shows policies no key that begins with two underscores: an annotation says that there is one.
    const annotations = fieldAt(resource.properties, "metadata.annotations");
    const marked = isRecord(annotations) && annotations[playgroundAnnotation] === "true";
    const hidden = marked || (isRecord(providers) && seen.length === 0);
    const names = hidden && !anonymous.includes(playgroundProvider) ? [playgroundProvider, ...anonymous] : anonymous;
    return names.map((name): Violation => violation(`${fields.authProviders}.${name}`));
  },
};

function violation(provider: string): Violation {
  return {
    what: `${provider} accepts everybody who has the shared token`,
    why: "every copy of the app contains the token, so anybody who extracts it can read and write all documents",
    fix: "remove `auth.playground` from the topology and name a webhook (`auth.webhooks`) that knows your users",
  };
}
