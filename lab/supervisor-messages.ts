/** The messages between a supervisor and the process that started it, via Node's IPC channel. */
import { z } from "zod";
import { operatorSchema } from "../topology/operator/contract.ts";
import { exposureParts } from "./exposure/requests.ts";

/** An ingress controller by the names of its objects, as `ingress` in the topology names them. */
export const ingressRequestSchema = z.strictObject({
  namespace: z.string(),
  service: z.string(),
  deployment: z.string(),
  /** The kind of the object that `deployment` names. */
  kind: z.enum(["Deployment", "DaemonSet"]).default("Deployment"),
  container: z.string(),
  configMap: z.string(),
  /** True if it is on the network of its nodes, without a Service. */
  hostPorts: z.boolean().default(false),
  /** Public host name that leads to it. */
  host: z.string().optional(),
  /** True if it is installed with the flag that names the ConfigMap, as its Helm chart does when it is given `tcp:`. */
  flag: z.boolean(),
  /** The number of ports of its Service that the load balancer serves: 50 for AWS' Network Load Balancer. Default: all. */
  listenerLimit: z.int().positive().optional(),
});
export type IngressRequest = z.output<typeof ingressRequestSchema>;

export const labClusterSchema = z.strictObject({
  /** Also the name of its folder. */
  name: z.string().regex(/^\w[\w.-]*$/, "a name of letters, digits, - and . such as east"),
  /** Name of its context in the kubeconfig. */
  context: z.string().min(1),
  /** Made besides `default`. */
  namespaces: z.array(z.string().min(1)),
  /** Its ingress controllers, at most seven. */
  ingresses: z.array(ingressRequestSchema).default([]),
  ...exposureParts,
});
export type LabClusterRequest = z.input<typeof labClusterSchema>;

const toolsSchema = z.strictObject({
  pulumi: z.string(),
  languageHostDir: z.string(),
  etcd: z.string(),
  kubeApiserver: z.string(),
  kubeControllerManager: z.string(),
  kubernetesProvider: z.string(),
  randomProvider: z.string().optional(),
});

/** The parts of a cluster that can be ended and started again, like a crash and a restart. The Big Peers run on without their operator. */
const labComponentSchema = z.enum(["api-server", "etcd", "operator", "big-peers"]);
export type LabComponent = z.output<typeof labComponentSchema>;

/** To the supervisor. */
export const commandSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("start"),
    directory: z.string(),
    detached: z.boolean(),
    clusters: z.array(labClusterSchema).min(1),
    contract: operatorSchema,
    tools: toolsSchema,
    /** Folder of the definitions of Gateway API, where a cluster asks for it. */
    gatewayDefinitions: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("stop"), keepFiles: z.boolean() }),
  z.strictObject({
    type: z.literal("component"),
    id: z.int(),
    cluster: z.string(),
    component: labComponentSchema,
    action: z.enum(["kill", "start"]),
  }),
]);
export type Command = z.input<typeof commandSchema>;
export type StartCommand = Extract<z.output<typeof commandSchema>, { type: "start" }>;

/** From the supervisor. */
export const reportSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("log"), line: z.string() }),
  z.strictObject({ type: z.literal("ready") }),
  /** The lab could not start, and the supervisor ends. */
  z.strictObject({ type: z.literal("failed"), message: z.string() }),
  z.strictObject({ type: z.literal("done"), id: z.int(), error: z.string().optional() }),
]);
export type Report = z.infer<typeof reportSchema>;
