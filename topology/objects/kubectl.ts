import type { Plan, PlannedCluster } from "../plan/plan.ts";

/** `kubectl` as it reaches a cluster of the plan, for a command that is copied into a shell. */
export function kubectlOf({
  name,
  context,
  kubeconfig,
}: Pick<PlannedCluster, "name" | "context"> & { readonly kubeconfig?: string | undefined }): string {
  // The topology may hold its content, which belongs into no command.
  const isContent = kubeconfig !== undefined && /[\n{]/.test(kubeconfig);
  const file = isContent ? `<kubeconfig of ${name}>` : kubeconfig;
  return `kubectl${file === undefined ? "" : ` --kubeconfig ${shellWord(file)}`} --context ${shellWord(context)}`;
}

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `kubectl` as it reaches a cluster by its name; without flags where the plan has no such cluster. */
export function kubectlFor(plan: Plan, name: string): string {
  const cluster = plan.clusters.get(name);
  return cluster === undefined ? "kubectl" : kubectlOf(cluster);
}

/**
 * The same by the context alone, for a program, whose kubeconfig may be a secret.
 * @param context left out where it is undefined, or a text that stands for another resource's value
 */
export function kubectlAt(context: string | undefined): string {
  return context === undefined || shellWord(context) !== context ? "kubectl" : `kubectl --context ${context}`;
}
