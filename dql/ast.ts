/** The part of DQL that subscriptions use, and the statements that `verify` and the lab need (guide, API description). */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  /** A field of the document: `color`, `address.city`, `_id`. */
  | { readonly kind: "field"; readonly path: readonly string[] }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "logical"; readonly operator: "AND" | "OR"; readonly operands: readonly Expression[] }
  /** `operator` is as written: `==` and `<>` are kept apart from `=` and `!=`. */
  | {
      readonly kind: "comparison";
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "like"; readonly negated: boolean; readonly left: Expression; readonly pattern: Expression }
  | {
      readonly kind: "in";
      readonly negated: boolean;
      readonly left: Expression;
      readonly values: readonly Expression[];
    }
  | { readonly kind: "is"; readonly negated: boolean; readonly left: Expression; readonly what: "NULL" | "MISSING" };

export type ComparisonOperator = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=";

export type Statement =
  | {
      readonly kind: "select";
      readonly collection: string;
      readonly where: Expression | undefined;
      readonly limit: number | undefined;
    }
  | {
      readonly kind: "insert";
      readonly collection: string;
      readonly documents: readonly InsertedDocument[];
      readonly onConflict: "fail" | "nothing" | "update";
    }
  | {
      readonly kind: "update";
      readonly collection: string;
      readonly assignments: readonly Assignment[];
      readonly where: Expression | undefined;
    }
  | { readonly kind: "delete" | "evict"; readonly collection: string; readonly where: Expression | undefined };

export type InsertedDocument = { readonly param: string } | { readonly literal: Readonly<Record<string, unknown>> };

export interface Assignment {
  readonly path: readonly string[];
  readonly value: Expression;
}
