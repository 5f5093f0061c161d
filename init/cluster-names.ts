/**
 * Names for the clusters of contexts, as a topology takes them: DNS labels, each once. A cloud's context is a long path
 * (`arn:aws:eks:eu-west-1:123456789012:cluster/west`, `gke_project_zone_west`), of which the last part is the cluster's name.
 */
export function clusterNames(contexts: readonly string[]): { name: string; context: string }[] {
  const taken = new Set<string>();
  return contexts.map((context) => {
    const name = unused(labelOf(context), taken);
    taken.add(name);
    return { name, context };
  });
}

function labelOf(context: string): string {
  const part = context.split(/[/@_]/).findLast((each) => /[a-z0-9]/i.test(each)) ?? context;
  const label = part
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 30)
    .replace(/^-+|-+$/g, "");
  return /^[a-z]/.test(label) ? label : `cluster-${label}`.replace(/-$/, "");
}

function unused(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}
