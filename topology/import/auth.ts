import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { auth as authSchema, defaultSessionLength } from "../file/auth.ts";
import { playgroundProvider } from "../objects/auth-providers.ts";
import { kubectlOf } from "../objects/kubectl.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { fillShape, readShape } from "../operator/shape.ts";
import { pageAddress } from "../pages.ts";
import { wholeResource } from "../plan/names.ts";
import type { LeftOut } from "./left-out.ts";
import { isObject } from "./spec-fields.ts";

/** The object whose auth providers are read. */
export interface AuthOwner {
  readonly kind: "bigPeer" | "app";
  readonly cluster: string;
  /** The context of its cluster in the kubeconfig. */
  readonly context: string;
  readonly namespace: string;
  readonly name: string;
  /** The key of Pulumi's configuration that will hold its playground's token, where it has one. */
  readonly key: string;
}

/** Auth providers as the topology writes them, and what of the live ones it cannot say. */
export interface ImportedAuth {
  readonly auth: Readonly<Record<string, unknown>> | undefined;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Webhooks whose shape the contract knows, and the playground. Its token is a secret, so the topology has the key of Pulumi's configuration in
 * its place, and what is left to do is the command that puts the token there without showing it.
 */
export function importAuth(contract: OperatorContract, providers: unknown, owner: AuthOwner): ImportedAuth {
  const each = Object.entries(isObject(providers) ? providers : {});
  const webhooks = each.flatMap(([name, value]) => {
    const read = readShape(contract.shapes.webhookProvider, value);
    const url = read?.url;
    const same = url !== undefined && isDeepStrictEqual(fillShape(contract.shapes.webhookProvider, { url }), value);
    return same ? [[name, { url }] as const] : [];
  });
  const taken = new Set(webhooks.map(([name]) => name));
  const playground = each
    .filter(([name]) => name === playgroundProvider)
    .map(([, value]) => importPlayground(contract, value, owner.key))[0];
  if (playground) taken.add(playgroundProvider);
  const object = `${contract.kinds[owner.kind]} ${owner.namespace}/${owner.name}`;
  const place = { cluster: owner.cluster, object };
  const unknown = each
    .filter(([name]) => !taken.has(name))
    .map(([name]) => ({
      ...place,
      reason: `the auth provider ${name} has a form that \`auth\` does not support; it stays in the cluster as it is`,
      offer: `see ${pageAddress("docs/topology.md")}, \`auth\``,
    }));
  const auth = {
    ...(playground ? { playground } : {}),
    ...(webhooks.length === 0 ? {} : { webhooks: Object.fromEntries(webhooks) }),
  };
  return {
    auth: Object.keys(auth).length === 0 ? undefined : auth,
    leftOut: [...unknown, ...(playground ? [{ ...place, ...tokenLeft(contract, owner) }] : [])],
  };
}

const permission = z.looseObject({
  everything: z.boolean().default(false),
  queriesByCollection: z.record(z.string(), z.array(z.string())).nullish(),
});
const playgroundSchema = z.strictObject({
  anonymous: z.strictObject({
    permission: z.looseObject({ read: permission, write: permission }),
    sessionLength: z.number().default(defaultSessionLength),
    sharedToken: z.string().min(1),
  }),
});

/** The playground without its token; undefined if it is of a form that the topology cannot say. */
function importPlayground({ shapes }: OperatorContract, value: unknown, key: string) {
  const parsed = playgroundSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { permission: granted, sessionLength } = parsed.data.anonymous;
  const { read, write, ...marks } = granted;
  const permissions = { read: permissionOf(read), write: permissionOf(write) };
  const hasQueries = Object.values(permissions).some((each) => typeof each === "object");
  // Without the mark, the queries are of an older language.
  if (hasQueries && !isDeepStrictEqual(marks, shapes.dqlPermission)) return undefined;
  const playground = {
    token: { config: key },
    ...(sessionLength === defaultSessionLength ? {} : { sessionLength }),
    ...(Object.values(permissions).every((each) => each === "everything") ? {} : { permissions }),
  };
  return authSchema.safeParse({ playground }).success ? playground : undefined;
}

function permissionOf({ everything, queriesByCollection }: z.output<typeof permission>) {
  if (everything) return "everything";
  const queries = queriesByCollection ?? {};
  return Object.keys(queries).length === 0 ? "nothing" : queries;
}

function tokenLeft(contract: OperatorContract, { kind, key, cluster, context, namespace, name }: AuthOwner) {
  const field = `${contract.fields[kind].authProviders}.${playgroundProvider}.anonymous.sharedToken`;
  const read = `${kubectlOf({ name: cluster, context })} -n ${namespace} get ${wholeResource(contract, kind)} ${name} -o jsonpath='{.${field}}'`;
  return {
    reason: `the shared token of its playground is a secret, so the topology names the key of Pulumi's configuration that has to hold it (bigpeer:${key})`,
    offer: `before the update, in each stack: ${read} | pulumi config set --secret bigpeer:${key}; outside development a playground is refused, so write \`environment: development\`, or a webhook in its place`,
  };
}
