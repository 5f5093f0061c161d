import { z } from "zod";
import { topologySchema } from "./schema.ts";

/** The topology's JSON Schema for editors, as the text of topology.schema.json. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(topologySchema, { io: "input", unrepresentable: "any" });
  return `${JSON.stringify({ title: "bigpeer-topology", ...schema }, null, 2)}\n`;
}
