import { z } from "zod";
import { advised } from "./advised.ts";
import { queries } from "./queries.ts";

/** A secret: in plain text (refused outside development), or the name of a secret in the stack's configuration. */
const secret = z.union([
  z.string().min(1),
  z.strictObject({
    config: z.string().min(1).describe("Key of a Pulumi config secret: `pulumi config set --secret bigpeer:<key>`."),
  }),
]);

const permission = z
  .union([z.literal("everything"), z.literal("nothing"), queries])
  .describe('"everything", "nothing", or collection -> DQL predicates.');

const permissions = z
  .strictObject({ read: permission.default("everything"), write: permission.default("everything") })
  .describe("What a client that signs in through this provider may read and write.");

/** Seconds: a week, as every public deployment has it; the management API requires one (deployments, API). */
export const defaultSessionLength = 604_800;

export const auth = z
  .strictObject({
    playground: z
      .strictObject({
        token: secret
          .optional()
          .describe("The shared token of SDKs with an OnlinePlayground identity. Default: generated."),
        sessionLength: z
          .number()
          .int()
          .min(1)
          .default(defaultSessionLength)
          .describe("Seconds until a client signs in again. The default is a week."),
        permissions: permissions.prefault({}),
      })
      .optional()
      .describe("Anonymous access for everybody who has the token, for development only."),
    webhooks: z
      .record(
        z.string().min(1),
        z.strictObject({
          url: advised(z.string(), (text) => /^https?:\/\/[^\s/]+/.test(text), {
            what: "is not an http(s) URL",
            why: "the Big Peer could not ask it about a client, so nobody could sign in",
            fix: "write the whole URL, such as https://auth.example.com/ditto",
          }).describe("A whole URL, such as https://auth.example.com/ditto."),
        }),
      )
      .optional()
      .describe("Token webhooks: provider name -> URL that the Big Peer asks about a client's token."),
  })
  .describe("Who may sign in, and with which permissions.");

export type Permission = z.output<typeof permission>;
type ParsedAuth = z.output<typeof auth>;
type ParsedPlayground = NonNullable<ParsedAuth["playground"]>;
/** The auth settings as components accept them, with the default length of a session. */
export type Auth = Omit<ParsedAuth, "playground"> & {
  readonly playground?:
    | (Omit<ParsedPlayground, "sessionLength"> & Partial<Pick<ParsedPlayground, "sessionLength">>)
    | undefined;
};
