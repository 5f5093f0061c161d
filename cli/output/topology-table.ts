import type { StackExports } from "../../program/stack-exports.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { colours as pc } from "./colours.ts";

/** Peers, apps and replications with their addresses, for a terminal.
 * @param deployed what the stacks say of themselves: IDs and addresses that are known only then */
export function formatTopology(plan: Plan, deployed: readonly StackExports[] = []): string {
  const generated = (app: string) => deployed.map(({ apps }) => apps[app]?.id).find((id) => id !== undefined);
  const exposed = (id: string) =>
    deployed.map(({ exposures }) => exposures[id]).find((address) => address !== undefined);
  const lines: string[] = [pc.bold("peers")];
  for (const peer of plan.peers.values())
    lines.push(`  ${peer.name}  ${peer.settings.version}  ${peer.cluster}/${peer.namespace}  ${peer.apiAddress}`);
  lines.push(pc.bold("apps"));
  for (const app of plan.apps.values())
    lines.push(
      `  ${app.name}  ${app.id ?? generated(app.name) ?? "(generated ID)"}  on ${app.objects.map(({ peer }) => peer).join(", ")}`,
    );
  lines.push(pc.bold("replications"));
  for (const replication of plan.replications.values()) {
    lines.push(
      `  ${replication.name}  (${replication.form}, app ${replication.app}${replication.paused ? ", paused" : ""})`,
    );
    for (const side of replication.sides) {
      for (const { peer, address } of side.connections) {
        const text =
          address.kind === "load-balancer"
            ? (exposed(address.exposure) ?? `the load balancer of ${address.cluster}, port ${address.port}`)
            : address.address;
        lines.push(`    ${side.peer} ${replication.paused ? "will dial" : "dials"} ${peer} at ${text}`);
      }
      for (const [collection, queries] of Object.entries(side.subscribes))
        lines.push(`    ${side.peer} pulls ${collection}: ${queries.join(" OR ")}`);
    }
  }
  return lines.join("\n");
}
