import type { RuleDescription } from "../findings/rule-description.ts";
import { described } from "./live-rule.ts";

/** The rules that look at what exposes the targets of a cluster. */
export const liveControllers = {
  noIngressController: described(
    "no-ingress-controller",
    "warning",
    "A cluster lacks the ingress controller that should expose its targets.",
    {
      why: "other clusters dial its ports, so those replications would not connect",
      source: "guide: targets are exposed by ingress-nginx, by TCP",
    },
  ),
  ingressFlag: described("ingress-flag", "warning", "An ingress controller runs without `--tcp-services-configmap`.", {
    why: "the controller does not look at the ConfigMap of exposed ports, so nothing is exposed",
    source: "ingress-nginx: exposing TCP and UDP services",
  }),
  exposureLacking: described(
    "exposure-lacking",
    "warning",
    "A cluster lacks a part of what should expose its targets: a kind, a Gateway, its class, a listener, a controller.",
    {
      why: "other clusters dial what is not there, so those replications would not connect",
      source: "Gateway API: ListenerSet and TCPRoute; F5 NGINX Ingress Controller: GlobalConfiguration",
    },
  ),
  listenersShared: described(
    "listeners-shared",
    "error",
    "A GlobalConfiguration that this topology should own has listeners of somebody else.",
    {
      why: "its listeners are one list, which has one owner: those of the others would be closed",
      source: "the definition of GlobalConfiguration: `spec.listeners` has no list type, so it is atomic",
    },
  ),
  controllerScope: described(
    "controller-scope",
    "warning",
    "An ingress controller does not watch where our targets are.",
    {
      why: "the controller reads Services and its ConfigMap in the watched namespace alone, so nothing is exposed",
      source: "ingress-nginx: --watch-namespace",
    },
  ),
  notReached: described("not-reached", "warning", "An exposed port is not open where other clusters dial it.", {
    why: "nobody listens there, so those replications would not connect",
    source: "Kubernetes: the types of a Service, and host ports; ingress-nginx: bare-metal considerations",
  }),
  balancerFull: described(
    "balancer-full",
    "warning",
    "A controller's Service has more ports than its load balancer takes.",
    {
      why: "the load balancer keeps its address and does not open the rest, so those replications never connect, and nothing says so",
      source: "AWS: quotas of Network and Classic Load Balancers; each port of the Service is a listener",
    },
  ),
  balancerFails: described(
    "balancer-fails",
    "warning",
    "The last event of a controller's load balancer is a failure.",
    {
      why: "ports that were opened since are not open, so those replications would not connect",
      source: "Kubernetes: events of the Service, written by the cloud's controller",
    },
  ),
  portEdited: described("port-edited", "error", "Somebody has changed a port of ours on a controller by hand.", {
    why: "what is dialled is closed or leads elsewhere, and no update can write it again: one with a refresh stops there",
    source: "Kubernetes: server-side apply refuses what another manager has set; names of a Service's ports are unique",
  }),
  exposureEdited: described("exposure-edited", "warning", "What exposes a port is gone from the controller.", {
    why: "an update compares what it wrote last with what is declared now, so it neither sees nor mends this",
    source: "Pulumi: an update without `--refresh` does not look at live objects",
  }),
  portTaken: described(
    "port-taken",
    "error",
    "A port that would be exposed is open for somebody else: on the live controller, or as a port of another Service.",
    {
      why: "whoever uses that port would be cut off, or the replication would reach the wrong server or nobody",
      source:
        "guide: the tcp-services ConfigMap maps one port to one Service; Kubernetes: a node port belongs to one Service",
    },
  ),
  portsUnknown: described(
    "ports-unknown",
    "note",
    "Which ports other Services of a cluster have cannot be found out.",
    {
      why: "a port that somebody else has is refused by the API server or by the load balancer, after other things were written",
      source:
        "Kubernetes: a node port belongs to one Service of the whole cluster; `bigpeer rbac` prints the right to list Services",
    },
  ),
} satisfies Readonly<Record<string, RuleDescription>>;
