/** Topology files as a library for other tools: read, check, plan, compare and draw them. It loads neither Pulumi nor a Kubernetes client. */
export { type Checked, checkFile, checkSource, loadPlan, planText, type Stacks } from "./check.ts";
export { type DiffSide, diffTopologies } from "./diff/compare.ts";
export type { App } from "./file/app.ts";
export type { Auth } from "./file/auth.ts";
export type { Cluster } from "./file/cluster.ts";
export { jsonSchemaText } from "./file/json-schema.ts";
export type { Peer } from "./file/peer.ts";
export type { Queries } from "./file/queries.ts";
export type { ReplicationEntry } from "./file/replication.ts";
export type { Topology } from "./file/schema.ts";
export { parseSource, readSource, type Source } from "./file/source.ts";
export {
  countFindings,
  Finding,
  formatFinding,
  formatFindings,
  type Location,
  type Path,
  TopologyError,
} from "./findings/finding.ts";
export { type Drawing, drawingOf } from "./graph/model.ts";
export { type GraphFormat, type GraphOptions, pictureOf } from "./graph/picture.ts";
export { type ClusterManifest, clusterManifests, type DeployedValues } from "./objects/cluster-manifests.ts";
export type { OperatorContract } from "./operator/contract.ts";
export type {
  Address,
  Plan,
  PlannedApp,
  PlannedCluster,
  PlannedConnection,
  PlannedExposure,
  PlannedPeer,
  PlannedReplication,
  PlannedSide,
  PlannedTrust,
  PlannedWave,
} from "./plan/plan.ts";
export { planTopology } from "./plan/plan-topology.ts";
export { allRules } from "./rules/index.ts";
