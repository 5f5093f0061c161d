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
      source: "guide: ingress-nginx exposes targets over TCP",
    },
  ),
  ingressFlag: described("ingress-flag", "warning", "An ingress controller runs without `--tcp-services-configmap`.", {
    why: "the controller does not look at the ConfigMap of exposed ports, so nothing is exposed",
    source: "ingress-nginx: exposing TCP and UDP services",
  }),
  exposureLacking: described(
    "exposure-lacking",
    "warning",
    "A cluster lacks part of what should expose its targets: a kind, a Gateway, its class, a listener, a controller.",
    {
      why: "other clusters dial what is not there, so those replications would not connect",
      source: "Gateway API: ListenerSet and TCPRoute; F5 NGINX Ingress Controller: GlobalConfiguration",
    },
  ),
  listenersShared: described(
    "listeners-shared",
    "error",
    "A GlobalConfiguration that this topology should own has listeners that belong to somebody else.",
    {
      why: "its listeners are one list, which has one owner: the listeners of all others would be closed",
      source: "the definition of GlobalConfiguration: `spec.listeners` has no list type, so it is atomic",
    },
  ),
  controllerScope: described(
    "controller-scope",
    "warning",
    "An ingress controller does not watch the namespaces of our targets.",
    {
      why: "the controller reads Services and its ConfigMap only in the namespace that it watches, so nothing is exposed",
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
    "A controller's Service has more ports than its load balancer accepts.",
    {
      why: "the load balancer keeps its address and does not open the rest, so those replications never connect, and nothing reports it",
      source: "AWS: quotas of Network and Classic Load Balancers; each port of the Service is a listener",
    },
  ),
  balancerFails: described(
    "balancer-fails",
    "warning",
    "The last event of a controller's load balancer is a failure.",
    {
      why: "ports that were opened since then are not open on it, so those replications would not connect",
      source: "Kubernetes: events of the Service, written by the cloud's controller",
    },
  ),
  portEdited: described("port-edited", "error", "Somebody has changed one of our ports on a controller by hand.", {
    why: "the port that others dial is closed or leads elsewhere, and no update can restore it: an update with a refresh stops there",
    source: "Kubernetes: server-side apply refuses what another manager has set; names of a Service's ports are unique",
  }),
  exposureEdited: described(
    "exposure-edited",
    "warning",
    "The controller no longer has the entry that exposes a port.",
    {
      why: "an update compares what it wrote last with what is declared now, so it neither notices nor repairs this",
      source: "Pulumi: an update without `--refresh` does not look at live objects",
    },
  ),
  portTaken: described(
    "port-taken",
    "error",
    "A port that would be exposed is already open for somebody else: on the live controller, or as a port of another Service.",
    {
      why: "the present user of that port would be cut off, or the replication would reach the wrong server or nobody",
      source:
        "guide: the tcp-services ConfigMap maps one port to one Service; Kubernetes: a node port belongs to one Service",
    },
  ),
  portsUnknown: described("ports-unknown", "note", "The ports of other Services in a cluster cannot be determined.", {
    why: "the API server or the load balancer refuses a port that somebody else has, after other objects have been written",
    source:
      "Kubernetes: a node port belongs to one Service of the whole cluster; `bigpeer rbac` prints the right to list Services",
  }),
} satisfies Readonly<Record<string, RuleDescription>>;
