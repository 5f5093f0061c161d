import { ownProperty } from "../../own-property.ts";
import type { FieldSchema } from "../field-schema.ts";
import type { Shape } from "../shape.ts";

/** The form of a reference to a Secret. */
export interface EntryShape {
  readonly shape: Shape;
  /** Members that are required and that nobody here knows how to fill. */
  readonly unfilled: readonly string[];
}

/** Names of the Secret's name, the likeliest first. */
const nameMembers = ["name", "secretName", "secret", "secretRef"];
/** Names of the data key of a certificate; `key` is that of a private key where one of the others stands beside it. */
const keyMembers = ["certificate", "certificateKey", "certKey", "cert", "key"];

/** The shape of a reference to a Secret, as the schema of one tells it; undefined where it cannot be one. */
export function entryShape(schema: FieldSchema): EntryShape | undefined {
  if (schema.type === "string") return { shape: "{secret}", unfilled: [] };
  if (schema.type !== "object") return undefined;
  const textMember = (names: readonly string[]) =>
    names.find((name) => ownProperty(schema.properties, name)?.type === "string");
  const name = textMember(nameMembers);
  if (name !== undefined) {
    const key = textMember(keyMembers);
    const shape: Record<string, Shape> = { [name]: "{secret}", ...(key === undefined ? {} : { [key]: "{key}" }) };
    return { shape, unfilled: unfilledBeside(schema, Object.keys(shape)) };
  }
  for (const [member, inner] of Object.entries(schema.properties)) {
    if (inner.type !== "object" || !/(secret|ref|ca|certificate)/i.test(member)) continue;
    const nested = entryShape(inner);
    if (!nested) continue;
    const unfilled = [...unfilledBeside(schema, [member]), ...nested.unfilled.map((each) => `${member}.${each}`)];
    return { shape: { [member]: nested.shape }, unfilled };
  }
  return undefined;
}

function unfilledBeside(schema: FieldSchema, filled: readonly string[]): string[] {
  return schema.required.filter((name) => !filled.includes(name) && !ownProperty(schema.properties, name)?.hasDefault);
}
