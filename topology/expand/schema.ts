import { z } from "zod";

/**
 * The keys of a topology file that are expanded before it is judged: files that it includes, families of sites, and defaults. What
 * stands in the entries of a family or of the defaults is judged after the expansion, as if it had been written out.
 */

const entries = z.record(z.string().min(1), z.record(z.string(), z.unknown()));
const settings = z.record(z.string(), z.unknown());

const labelValue = z.union([z.string(), z.number(), z.boolean()]);

/** Which peers or clusters are meant: those that have every label, with one of its values. */
export const labelSelector = z
  .record(z.string().min(1), z.union([labelValue, z.array(labelValue).min(1)]))
  .refine((labels) => Object.keys(labels).length > 0, "names no label")
  .describe("Labels that all have to match: name -> value, or a list of values, one of which has to match.");

/** In a list of peers, or in its place. */
export const selection = z
  .strictObject({ labels: labelSelector })
  .describe("The peers with these labels, in the order of the file.");

const rowValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const family = z
  .strictObject({
    table: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe(
        "A file with a row for each site, or several, from the folder of this file: CSV with the names of the columns in its first line, or a YAML list of mappings.",
      ),
    rows: z
      .array(z.record(z.string().min(1), rowValue))
      .optional()
      .describe("The rows themselves, in place of `table`: a list of mappings."),
    columns: z
      .record(z.string().min(1), z.enum(["text", "number", "boolean"]))
      .optional()
      .describe("Types of the columns of a CSV file that are not text."),
    clusters: entries
      .optional()
      .describe("Clusters of each site: as `clusters`, with `{site.<column>}` in names and values."),
    peers: entries
      .optional()
      .describe("Big Peers of each site: as `peers`, with `{site.<column>}` in names and values."),
    apps: entries.optional().describe("Apps of each site: as `apps`, with `{site.<column>}` in names and values."),
    replications: entries
      .optional()
      .describe("Replications of each site: as `replications`, with `{site.<column>}` in names and values."),
  })
  .describe("A family of sites: entries that are declared once for each row of a table.");

const labelDefaults = z
  .strictObject({
    labels: labelSelector,
    clusters: settings.optional().describe("Settings of the clusters with these labels."),
    peers: settings.optional().describe("Settings of the peers with these labels."),
  })
  .describe(
    "Defaults of what has the labels. They take precedence over the defaults of all; an entry's own settings take precedence over them.",
  );

const defaults = z
  .strictObject({
    clusters: settings
      .optional()
      .describe(
        "Settings of every cluster that does not say otherwise; `{cluster.name}` and `{cluster.labels.<label>}` are its own.",
      ),
    peers: settings
      .optional()
      .describe(
        "Settings of every peer that does not say otherwise; `{peer.name}` and `{peer.labels.<label>}` are its own.",
      ),
    byLabel: z.array(labelDefaults).optional().describe("Defaults of what has certain labels."),
  })
  .describe(
    "Settings that clusters and peers have unless they say otherwise. Mappings are merged, anything else is replaced.",
  );

export const expansionSchema = z.object({
  include: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .optional()
    .describe(
      "Files of the same topology, or folders of them (every .yaml and .yml file in it), from the folder of this file. Each name is declared in one of them.",
    ),
  defaults: defaults.optional(),
  sites: z.record(z.string().min(1), family).optional().describe("Families of sites, by name."),
});

export type Expansion = z.output<typeof expansionSchema>;
export type Family = z.output<typeof family>;
export type LabelSelector = z.output<typeof labelSelector>;
export type Labels = Readonly<Record<string, z.output<typeof labelValue>>>;

/** The keys that are gone after the expansion. */
export const expansionKeys: readonly string[] = Object.keys(expansionSchema.shape);
