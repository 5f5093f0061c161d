import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The end-to-end files that take longest, longest first. What is not here takes less. */
const longest = [
  "exposure-ways",
  "one-cluster",
  "additions",
  "lost-cluster",
  "ingress-nginx",
  "two-clusters",
  "losses",
  "network",
  "failover",
  "first-contact",
];

/**
 * Starts the longest test files first, so that all workers end at about the same time. Vitest does so by itself where it has run the files
 * before; a run from nothing would go by the size of the files, which says little of those that wait for an engine.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => {
      const index = longest.indexOf(basename(moduleId, ".test.ts"));
      return index < 0 ? longest.length : index;
    };
    const bySize = files.every((file) => this.ctx.cache.getTestSpecificationResult(file) === undefined);
    return bySize ? sorted.toSorted((one, other) => place(one) - place(other)) : sorted;
  }
}
