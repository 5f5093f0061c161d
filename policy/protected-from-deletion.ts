import { z } from "zod";
import { type CompanyPolicy, developmentStacks, fieldAt, isBigPeer, onStack } from "./company-policy.ts";
import { operatorSetting } from "./operator-setting.ts";

const settings = z.strictObject({
  developmentStacks,
  except: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe("Big Peers that may be deleted, each with the reason: `{ bp3: 'moved to west, change 4711' }`."),
  operator: operatorSetting,
});

/** A Big Peer may be the only place that has certain documents. */
export const protectedFromDeletion: CompanyPolicy<typeof settings> = {
  name: "protected-from-deletion",
  description: "In production the engine refuses to delete a Big Peer.",
  severity: "critical",
  judges: "declared",
  settings,
  judge(resource, { developmentStacks, except, operator }) {
    if (!isBigPeer(resource, operator) || resource.protect || onStack(resource, developmentStacks)) return [];
    const name = String(fieldAt(resource.properties, "metadata.name") ?? resource.name);
    if (Object.hasOwn(except, name)) return [];
    return [
      {
        what: `the Big Peer ${name} is not protected`,
        why: "a renamed key in the topology, or a destroy on the wrong stack, would delete it and the documents that only it holds",
        fix: `remove ${name} from \`confirmRemoval\` and \`allowReplace\`, and \`environment: development\` from the topology; if it is to be deleted, name it in protected-from-deletion.except`,
      },
    ];
  },
};
