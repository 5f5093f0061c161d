import type { Ingress } from "../topology/file/exposure.ts";
import type { RuleDescription } from "../topology/findings/rule-description.ts";
import {
  argumentValue,
  configMapSetting,
  readsOurs,
  tcpServicesRead,
} from "../topology/objects/controller-arguments.ts";
import { tcpServicesFlag, tcpServicesPlace } from "../topology/objects/exposure-manifests.ts";
import { listenerLimit, ownListeners } from "../topology/plan/listener-limits.ts";
import type { PlannedExposure } from "../topology/plan/plan.ts";
import { moreListeners } from "../topology/rules/listener-limit.ts";
import { live as liveRules } from "../topology/rules/live.ts";
import type { ControllerService, LiveContainer, LiveController } from "./read-controller.ts";

/** The reason why what a controller exposes would not be reached. */
export interface ControllerProblem {
  readonly rule: RuleDescription;
  readonly reason: string;
  /** What resolves it. */
  readonly next: string;
}

/** True if any part of the controller is there on which ports can be opened. */
export function isInstalled(ingress: Ingress, { service, container }: LiveController): boolean {
  return ingress.hostPorts ? container !== undefined : service !== undefined;
}

/**
 * What keeps exposed ports from being reached, in the order in which to mend it.
 * @param kubectl with the flags that reach the cluster
 */
export function controllerProblems(
  ingress: Ingress,
  live: LiveController,
  exposures: readonly PlannedExposure[],
  kubectl: string,
): ControllerProblem[] {
  const { container, service } = live;
  if (!container || !isInstalled(ingress, live)) return [notInstalled(ingress, live)];
  return [
    flag(ingress, container, kubectl),
    watched(ingress, container, exposures),
    ingress.hostPorts
      ? hostPorts(ingress, container, exposures)
      : service && reach(ingress, container, service, exposures),
    service && listeners(ingress, service, exposures),
  ].flatMap((problem) => problem ?? []);
}

function notInstalled({ namespace, ...ingress }: Ingress, { container }: LiveController): ControllerProblem {
  const rule = liveRules.noIngressController;
  if (container)
    return {
      rule,
      reason: `there is no Service ${namespace}/${ingress.service}`,
      next:
        container.hostNetwork || container.ports.some(({ hostPort }) => hostPort !== undefined)
          ? "this controller listens on ports of its nodes: write `hostPorts: true` and a `host`"
          : "install ingress-nginx with its Service, or name it in `ingress`",
    };
  return {
    rule,
    reason: `there is no ${ingress.kind} ${namespace}/${ingress.deployment} with a container "${ingress.container}" that has arguments`,
    next: "install ingress-nginx, or name its objects in `ingress`: `deployment`, `container`, and `kind: DaemonSet` for a DaemonSet",
  };
}

function flag(ingress: Ingress, container: LiveContainer, kubectl: string): ControllerProblem | undefined {
  const read = tcpServicesRead(container);
  const wanted = tcpServicesFlag(ingress);
  if (read === undefined) {
    if (ingress.manage === "arguments") return undefined;
    const { namespace, deployment, kind } = ingress;
    const operation = { op: "add", path: `/spec/template/spec/containers/${container.index}/args/-`, value: wanted };
    return {
      rule: liveRules.ingressFlag,
      reason: `the controller does not have ${wanted}, so it ignores the ports`,
      next:
        "with Helm, set the chart's `tcp` values; otherwise run " +
        `\`${kubectl} -n ${namespace} patch ${kind.toLowerCase()} ${deployment} --type json -p '${JSON.stringify([operation])}'\`, ` +
        "or set `manage: arguments` in the topology",
    };
  }
  // A variable whose value only the pod knows may hold anything.
  const unknown = read.includes("$(") && read.endsWith(`/${tcpServicesPlace(ingress).name}`);
  if (unknown || readsOurs(ingress, container)) return undefined;
  return {
    rule: liveRules.ingressFlag,
    reason: `the controller reads the ConfigMap ${read} and not ${tcpServicesPlace(ingress).namespace}/${tcpServicesPlace(ingress).name}, so it ignores the ports`,
    next: `write \`configMap: ${configMapSetting(ingress, read)}\` in the ingress; the entries of others stay there`,
  };
}

/**
 * With `--watch-namespace` the controller reads Services and ConfigMaps of that namespace alone. `--watch-namespace-selector` limits
 * Ingresses and not the TCP services (ingress-nginx: internal/ingress/controller/store).
 */
function watched(
  ingress: Ingress,
  container: LiveContainer,
  exposures: readonly PlannedExposure[],
): ControllerProblem | undefined {
  const only = argumentValue(container, "--watch-namespace");
  if (only === undefined || only === "" || only.includes("$(")) return undefined;
  const services = exposures.map(({ backend }) => `Service ${backend.namespace}/${backend.service}`);
  const { namespace, name } = tcpServicesPlace(ingress);
  const outside = [`ConfigMap ${namespace}/${name}`, ...services].filter((each) => !each.includes(` ${only}/`));
  if (outside.length === 0) return undefined;
  const more = outside.length > 1 ? ` and ${outside.length - 1} more` : "";
  return {
    rule: liveRules.controllerScope,
    reason: `the controller watches only the namespace ${only}, so it does not see ${outside[0]}${more}`,
    next: "let it watch all namespaces (`controller.scope.enabled: false` with Helm, else remove --watch-namespace), or name another controller in `ingress`",
  };
}

function hostPorts(
  { host }: Ingress,
  container: LiveContainer,
  exposures: readonly PlannedExposure[],
): ControllerProblem | undefined {
  if (container.hostNetwork) return undefined;
  const missing = exposures.filter(
    ({ port }) => !container.ports.some(({ containerPort, hostPort }) => containerPort === port && hostPort === port),
  );
  if (missing.length === 0) return undefined;
  const at = host === undefined ? "its nodes" : host;
  return {
    rule: liveRules.notReached,
    reason: `the controller's container has no host port ${missing.map(({ port }) => port).join(", ")}, so nothing listens there at ${at}`,
    next: "give the chart the values that `bigpeer helm-values` prints (with RKE2 in a HelmChartConfig `rke2-ingress-nginx`), which add the host ports; or run the controller with `hostNetwork: true`",
  };
}

/** True if the Service's own port is reached from outside under its own number. */
function reach(
  ingress: Ingress,
  { hostNetwork }: LiveContainer,
  { type, externalIPs, address, loadBalancerClass, ports }: ControllerService,
  exposures: readonly PlannedExposure[],
): ControllerProblem | undefined {
  if (ingress.forwarded || hostNetwork || externalIPs.length > 0) return undefined;
  const port = exposures[0]?.port;
  if (type !== "LoadBalancer") {
    const nodePort = ports.find((each) => each.port === port)?.nodePort;
    const node = nodePort === undefined ? "a port that it chooses itself" : `port ${nodePort}`;
    const at = type === "NodePort" ? `is reached at ${node} of a node` : "is reached only inside the cluster";
    const dialled = ingress.host === undefined ? "" : `, and nothing listens at ${ingress.host}:${port}`;
    return {
      rule: liveRules.notReached,
      reason: `its Service is of type ${type}: port ${port} ${at}${dialled}`,
      next:
        "make the Service a LoadBalancer or give it `externalIPs`; or run the controller on the host network and write `hostPorts: true`; " +
        "or forward the ports from the `host` to the Service yourself and write `forwarded: true`",
    };
  }
  // Where no host is given, the update waits for the load balancer's address.
  if (address !== undefined || ingress.host === undefined) return undefined;
  const by = loadBalancerClass === undefined ? "a load balancer" : `a load balancer of class ${loadBalancerClass}`;
  return {
    rule: liveRules.notReached,
    reason: `its Service waits for ${by}, so nothing is known to listen at ${ingress.host}:${port}`,
    next: "wait until it has an address (without a cloud, something such as MetalLB gives it one); where something else forwards the ports, write `forwarded: true`",
  };
}

function listeners(
  ingress: Ingress,
  service: ControllerService,
  exposures: readonly PlannedExposure[],
): ControllerProblem | undefined {
  const rule = liveRules.balancerFull;
  if (service.warning !== undefined)
    return {
      rule: liveRules.balancerFails,
      reason: `the load balancer was not updated: ${service.warning}`,
      next: "fix what the event reports; ports that were opened since then are not open on the load balancer",
    };
  const limit = listenerLimit(ingress, service);
  if (!limit) return undefined;
  const open = new Set([...service.ports.map(({ port }) => port), ...exposures.map(({ port }) => port)]);
  const all = service.ports.length === 0 ? open.size + ownListeners : open.size;
  if (all <= limit.ports) return undefined;
  return {
    rule,
    reason: `its Service gets ${all} ports, but its ${limit.balancer} accepts only ${limit.ports}`,
    next: moreListeners,
  };
}
