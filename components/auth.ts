import type { Input } from "@pulumi/pulumi";
import type { InputQueries } from "./topology-values.ts";

/** Specifies who may sign in to a Big Peer or an app, and with which permissions. */
export interface Auth {
  /** Anonymous access for everybody who has the token (`playgroundToken`), for development only. */
  readonly playground?: AuthPlayground | undefined;
  /** Token webhooks: provider name -> URL that the Big Peer calls to check a client's token. */
  readonly webhooks?: Readonly<Record<string, AuthWebhook>> | undefined;
}

/** Anonymous access for everybody who has the token. */
export interface AuthPlayground {
  /** Seconds until a client must sign in again. @default a week */
  readonly sessionLength?: Input<number> | undefined;
  /** What a client that signs in through this provider may read and write. */
  readonly permissions: AuthPermissions;
}

/** What a client may read and write. */
export interface AuthPermissions {
  /** "everything", "nothing", or collection -> DQL predicates. */
  readonly read: AuthPermission;
  /** "everything", "nothing", or collection -> DQL predicates. */
  readonly write: AuthPermission;
}

/** Everything, nothing, or the documents of collections that match DQL predicates. */
export type AuthPermission = "everything" | "nothing" | InputQueries;

/** A token webhook. */
export interface AuthWebhook {
  /** A full URL, such as https://auth.example.com/ditto. */
  readonly url: Input<string>;
}
