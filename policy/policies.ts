/** The policies in the form that Pulumi's SDK accepts, for a pack of your own. The decisions of each policy are in a file of its own. */
import type { Policies, PolicyConfigSchema, ResourceValidationArgs } from "@pulumi/policy";
import { z } from "zod";
import { type CompanyPolicy, formatViolation, settingsOf } from "./company-policy.ts";
import { loadBalancerAllowList } from "./load-balancer-allow-list.ts";
import { noPlaygroundAuth } from "./no-playground-auth.ts";
import { protectedFromDeletion } from "./protected-from-deletion.ts";
import { versionsPinned } from "./versions-pinned.ts";

function served<Settings extends z.ZodObject>(policy: CompanyPolicy<Settings>): Policies[number] {
  const { name, description, severity, settings, judges } = policy;
  const about = { name, description, severity, configSchema: { properties: described(settings) } };
  const violations = (
    resource: Pick<ResourceValidationArgs, "type" | "urn" | "name" | "props" | "opts">,
    given: object,
  ) =>
    policy
      .judge({ ...resource, properties: resource.props, protect: resource.opts.protect }, settingsOf(policy, given))
      .map(formatViolation);
  if (judges === "declared") {
    return {
      ...about,
      validateResource: (resource, report) => {
        for (const message of violations(resource, resource.getConfig())) report(message);
      },
    };
  }
  return {
    ...about,
    validateStack: ({ resources, getConfig }, report) => {
      for (const resource of resources)
        for (const message of violations(resource, getConfig())) report(message, resource.urn);
    },
  };
}

/** The settings as the engine and Pulumi Cloud show them. This pack validates them itself, since the engine accepts unknown settings. */
function described(settings: z.ZodObject): PolicyConfigSchema["properties"] {
  const { properties = {} } = z.toJSONSchema(settings, { io: "input" });
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => {
      const { description = "", type } = typeof schema === "boolean" ? {} : schema;
      return [key, type === undefined ? { description } : { description, type }];
    }),
  );
}

/** Every policy of this project, each with its own configuration: `new PolicyPack("acme", { policies: bigPeerPolicies })`. */
export const bigPeerPolicies: Policies = [
  served(noPlaygroundAuth),
  served(versionsPinned),
  served(protectedFromDeletion),
  served(loadBalancerAllowList),
];
