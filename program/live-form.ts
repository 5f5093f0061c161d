import type { z } from "zod";

/**
 * Reads what an API server gives, as far as this program relies on its form.
 * @param name of the object, as a message shows it
 * @throws Error if it has another form
 */
export function liveForm<T extends z.ZodType>(form: T, object: unknown, name: string): z.output<T> {
  const parsed = form.safeParse(object);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${name} does not have the form of its kind: ${issue?.path.join(".")}: ${issue?.message}`);
}
