import { z } from "zod";
import { labelSelector } from "../expand/schema.ts";
import { advised } from "./advised.ts";

/** A share in percent, such as `10%`. */
export const share = /^(?:100|[1-9]\d?)%$/;

const stacks = z.union([
  z.number().int().min(1),
  advised(z.string(), (text) => share.test(text), {
    what: "is neither a number of stacks nor a share",
    why: "it cannot be understood, so nothing can be planned",
    fix: "write a number such as 5, or a share such as 10%",
  }),
]);

const written = z
  .strictObject({
    name: z.string().min(1).optional().describe("The name in reports. Default: what the wave selects."),
    labels: labelSelector
      .optional()
      .describe(
        "Selects the stacks that own a cluster or a peer with these labels: name -> value, or a list of values. Default: any stack.",
      ),
    stacks: stacks
      .optional()
      .describe(
        "Selects at most this many of these stacks, in the order of the file: a number, or a share of all that have the labels, such as `10%`, which is rounded up. Default: all that are left.",
      ),
    repeat: z
      .literal(true)
      .optional()
      .describe("More waves like this one follow, until it has taken all of these stacks. Needs `stacks`."),
  })
  .describe("A wave of stacks, which are deployed and verified before those of the next one.");

export const wave = advised(written, ({ stacks, repeat }) => repeat === undefined || stacks !== undefined, {
  what: "is repeated, but has no `stacks`",
  why: "the first wave would take all of them, so there would be nothing to repeat",
  fix: "say how many stacks each wave takes, as in `{ stacks: 10%, repeat: true }`",
});

export type Wave = z.output<typeof wave>;
