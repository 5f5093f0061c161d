import { z } from "zod";
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

/** Nobody signs in with a shared token alone. */
export const noPlaygroundAuth: CompanyPolicy<typeof settings> = {
  name: "no-playground-auth",
  description: "A Big Peer and its apps let nobody in by a shared token alone.",
  severity: "critical",
  judges: "declared",
  settings,
  judge(resource, { developmentStacks, operator }) {
    if (onStack(resource, developmentStacks)) return [];
    const { bigPeer, app } = operator.kinds;
    const fields = { [bigPeer]: operator.fields.bigPeer, [app]: operator.fields.app }[operatorKind(resource, operator)];
    if (!fields) return [];
    const providers = fieldAt(resource.properties, fields.authProviders);
    if (!isRecord(providers)) return [];
    return Object.entries(providers).flatMap(([name, provider]): Violation[] => {
      if (!isRecord(provider) || !Object.hasOwn(provider, "anonymous")) return [];
      return [
        {
          what: `${fields.authProviders}.${name} lets everybody in who has the shared token`,
          why: "the token is in every app that is handed out, so whoever takes one apart reads and writes all documents",
          fix: "take `auth.playground` out of the topology and name a webhook (`auth.webhooks`) that knows your users",
        },
      ];
    });
  },
};
