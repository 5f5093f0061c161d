import type { Input } from "@pulumi/pulumi";

/** Any JSON. Parts of it can be values of other resources, which may be secrets. */
export type InputJson = Input<string | number | boolean | null | InputJsonArray | InputJsonObject>;
export interface InputJsonArray extends ReadonlyArray<InputJson> {}
export interface InputJsonObject {
  /** A member, by its name. */
  readonly [name: string]: InputJson;
}

/** Collection -> one DQL predicate, such as `color = 'blue'`, or a list of them. `true` is the whole collection. */
export type TopologyQueries = Readonly<Record<string, string | readonly string[]>>;

/** Collection -> DQL predicates, which can be values of another resource. A document is subscribed to if any of them matches. */
export type InputQueries = Readonly<Record<string, readonly Input<string>[]>>;
