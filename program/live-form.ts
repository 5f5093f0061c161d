import type { z } from "zod";

/** What an API server gives, as far as its form is relied on.
 * @param name what it is, for a person
 * @throws Error if it is of another form */
export function liveForm<T extends z.ZodType>(form: T, object: unknown, name: string): z.output<T> {
  const parsed = form.safeParse(object);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${name} does not have the form of its kind: ${issue?.path.join(".")}: ${issue?.message}`);
}
