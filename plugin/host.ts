import "../program/diagnostic-reports.cjs";
import { componentProviderHost } from "@pulumi/pulumi/provider/experimental/index.js";
import { BigPeerTopology } from "../components/big-peer-topology.ts";

/**
 * Serves BigPeerTopology to programs in every Pulumi language until the engine ends.
 * @param dirname folder of the declarations from which the schema is generated
 */
export function serve(dirname: string): Promise<void> {
  return componentProviderHost({ name: "bigpeer", dirname, components: [BigPeerTopology] });
}
