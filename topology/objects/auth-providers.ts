import { defaultSessionLength } from "../file/auth.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { fillShape } from "../operator/shape.ts";

/** Everything, nothing, or the documents of collections that match queries. */
type DeclaredPermission = "everything" | "nothing" | Readonly<Record<string, unknown>>;

/** Who may sign in. */
export interface DeclaredAuth {
  readonly playground?:
    | {
        readonly permissions: { readonly read: DeclaredPermission; readonly write: DeclaredPermission };
        readonly sessionLength?: unknown;
      }
    | undefined;
  readonly webhooks?: Readonly<Record<string, { readonly url: unknown }>> | undefined;
}

/** The auth providers of a Big Peer or of an app, as the operator takes them. */
export interface AuthWithToken {
  readonly settings: DeclaredAuth;
  /** The playground's shared token, where there is a playground. */
  readonly token?: unknown;
}

/** The annotation of what lets everybody in who has a shared token. */
export const playgroundAnnotation = "bigpeer-topology/playground";

/**
 * Says that there is a playground, for people and policies: the engine shows policies no key that begins with two underscores, as the name of
 * the provider does.
 */
export function playgroundMark(auth: AuthWithToken | undefined): Readonly<Record<string, string>> {
  return auth?.settings.playground ? { [playgroundAnnotation]: "true" } : {};
}

/** The name that SDKs with an OnlinePlayground identity look for (deployments). */
export const playgroundProvider = "__playgroundProvider";

export function authProviders(
  { shapes }: OperatorContract,
  { settings, token }: AuthWithToken,
): Record<string, unknown> {
  const webhooks = Object.entries(settings.webhooks ?? {}).map(([name, { url }]) => [
    name,
    fillShape(shapes.webhookProvider, { url }),
  ]);
  const { playground } = settings;
  if (!playground) return Object.fromEntries(webhooks);
  const { read, write } = playground.permissions;
  const ownQueries = [read, write].some((each) => typeof each === "object");
  const anonymous = {
    permission: { read: permission(read), write: permission(write), ...(ownQueries ? shapes.dqlPermission : {}) },
    sessionLength: playground.sessionLength ?? defaultSessionLength,
    sharedToken: token,
  };
  return Object.fromEntries([[playgroundProvider, { anonymous }], ...webhooks]);
}

/** Every published example has both members, also where everything is granted (deployments, API). */
function permission(value: DeclaredPermission): Record<string, unknown> {
  if (value === "everything") return { everything: true, queriesByCollection: {} };
  return { everything: false, queriesByCollection: value === "nothing" ? {} : value };
}
