import { z } from "zod";

/** Labels of a cluster or a peer. */
export const labels = z
  .record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()]))
  .optional()
  .describe(
    "Labels, by name, such as `{ region: eu, store: s-17 }`. Members of apps and replications, and defaults, are chosen by them, and queries may use their values.",
  );
