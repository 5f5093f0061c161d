import type { Auth } from "../file/auth.ts";
import { playgroundProvider } from "../objects/auth-providers.ts";
import { tcpServicesFlag, tcpServicesPlace } from "../objects/exposure-manifests.ts";
import { listenerName } from "../objects/gateway-manifests.ts";
import { kubectlFor } from "../objects/kubectl.ts";
import { appManifest, bigPeerManifest, type Manifest } from "../objects/manifests.ts";
import { transportListener } from "../objects/transport-server-manifests.ts";
import type { Plan, PlannedPeer } from "../plan/plan.ts";
import { shareOf } from "../plan/share.ts";
import type { RenderInputs } from "./files.ts";

/** Something that files cannot say, and the command that does it. */
export interface LeftToDo {
  readonly what: string;
  readonly why: string;
  /** For a shell. */
  readonly command: string;
}

/** The steps that are left in the clusters once a rendering is applied, in their order. */
export function leftToDo(plan: Plan, inputs: Pick<RenderInputs, "certificates" | "exposure">): LeftToDo[] {
  return [
    ...takenPorts(plan),
    ...untrusted(plan, inputs.certificates),
    ...playgrounds(plan),
    ...(inputs.exposure === "manifests" ? flags(plan) : []),
    ...platforms(plan),
  ];
}

/** Gets the certificate alone out of the Secret that the operator keeps it in, private key and all. */
export function caCommand(plan: Plan, { name, namespace, caSecret, caKey, cluster }: PlannedPeer): string {
  const key = caKey.replaceAll(".", "\\.");
  return `mkdir -p cas && ${kubectlFor(plan, cluster)} -n ${namespace} get secret ${caSecret} -o jsonpath='{.data.${key}}' | base64 -d > cas/${name}.pem`;
}

function untrusted(plan: Plan, certificates: ReadonlyMap<string, string>): LeftToDo[] {
  const trusted = new Set([...plan.peers.values()].flatMap(({ trusts }) => trusts.map(({ peer }) => peer)));
  return [...plan.peers.values()]
    .filter(({ name }) => trusted.has(name) && !certificates.has(name))
    .map((peer) => ({
      what: `nobody trusts ${peer.name} yet`,
      why: "the operator creates its CA once the Big Peer is applied; render again after that with --fetch-cas cas, which reads it, or run the command and render with --ca cas",
      command: caCommand(plan, peer),
    }));
}

function playgrounds(plan: Plan): LeftToDo[] {
  const { operator } = plan;
  const peers = [...plan.peers.values()].flatMap(({ name, namespace, cluster, settings }): LeftToDo[] => {
    if (!settings.auth?.playground) return [];
    const object = { name, namespace, settings: { version: undefined }, auth: playgroundOf(settings.auth) };
    return [
      playground(plan, cluster, `the Big Peer ${name}`, bigPeerManifest(operator, { ...object, readyTimeout: 0 })),
    ];
  });
  const apps = [...plan.apps.values()].flatMap(({ auth, objects }) =>
    objects.flatMap(({ name, namespace, peer, cluster }): LeftToDo[] => {
      if (!auth?.playground) return [];
      const object = { name, namespace, peer, id: undefined, auth: playgroundOf(auth) };
      return [playground(plan, cluster, `the app ${name}`, appManifest(operator, object))];
    }),
  );
  return [...peers, ...apps];
}

const tokenPlace = "\u0000";

function playgroundOf({ playground }: Auth) {
  return { settings: { playground }, token: tokenPlace };
}

function playground(plan: Plan, cluster: string, owner: string, { metadata, ...manifest }: Manifest): LeftToDo {
  const { name, namespace } = metadata;
  const json = JSON.stringify({ ...manifest, metadata: { name, namespace } }).split(
    JSON.stringify(tokenPlace).slice(1, -1),
  );
  const text = json.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join('"$TOKEN"');
  return {
    what: `${owner} has no playground`,
    why: `the files would contain its shared token in plain text, so the provider ${playgroundProvider} is left out; set TOKEN to it`,
    command: `printf %s ${text} | ${kubectlFor(plan, cluster)} apply --server-side --field-manager=bigpeer-playground -f -`,
  };
}

/** Another topology that has peers and replications of these names gets these ports, too, and whoever applies last has them. */
function takenPorts(plan: Plan): LeftToDo[] {
  return [...plan.clusters.values()].flatMap(({ name: cluster }) =>
    shareOf(plan, cluster).controllers.map(({ ingress, exposures }): LeftToDo => {
      const { namespace, name } = tcpServicesPlace(ingress);
      const ports = exposures.map(({ port }) => port);
      const own = [...new Set(exposures.map(({ backend }) => backend.namespace))].join("|");
      return {
        what: `before you apply, make sure that nobody else uses the ports ${ports.join(", ")} of ${ingress.namespace}/${ingress.service} of ${cluster}`,
        why: "the files are rendered without reading the cluster, so applying them could redirect the traffic of another environment; the entries that this command prints belong to others (`bigpeer check --live` names free ports)",
        command: `${kubectlFor(plan, cluster)} -n ${namespace} get configmap ${name} -o go-template='{{range $port, $to := .data}}{{$port}} {{$to}}{{"\\n"}}{{end}}' | grep -E '^(${ports.join("|")}) ' | grep -vE ' (${own})/'`,
      };
    }),
  );
}

function flags(plan: Plan): LeftToDo[] {
  return [...plan.clusters.values()].flatMap((cluster) =>
    shareOf(plan, cluster.name).controllers.flatMap(({ ingress }): LeftToDo[] => {
      const flag = tcpServicesFlag(ingress);
      const get = `${kubectlFor(plan, cluster.name)} -n ${ingress.namespace} get ${ingress.kind.toLowerCase()} ${ingress.deployment}`;
      const { namespace, name } = tcpServicesPlace(ingress);
      return [
        {
          what: `the controller ${ingress.namespace}/${ingress.deployment} of ${cluster.name} has to run with ${flag}`,
          why: "without it the controller does not read the exposed ports; its arguments are one list, to which no partial manifest can add an element",
          // The chart writes the namespace as a variable.
          command: `${get} -o jsonpath='{.spec.template.spec.containers[*].args}' | grep -E 'tcp-services-configmap=(${namespace}|\\$\\(POD_NAMESPACE\\))/${name}"'`,
        },
      ];
    }),
  );
}

/** The settings that somebody else's Gateway or controller has to have, and that the files do not change. */
function platforms(plan: Plan): LeftToDo[] {
  return [...plan.clusters.keys()].flatMap((cluster) =>
    shareOf(plan, cluster).ways.flatMap(({ way, exposures }): LeftToDo[] => {
      if (way.kind === "gateway" && way.settings.listeners !== "gateway") {
        const { name, namespace, listeners } = way.settings;
        const ofSets = listeners === "listenerSet";
        const names = exposures.map((exposure) => listenerName(way.settings, exposure)).join(", ");
        return [
          {
            what: `the Gateway ${namespace}/${name} of ${cluster} has to ${ofSets ? "allow ListenerSets" : `have the listeners ${names}`}`,
            why: "the platform team owns it, and by default it allows none",
            command: `${kubectlFor(plan, cluster)} -n ${namespace} get gateway ${name} -o jsonpath='{.spec.${ofSets ? "allowedListeners" : "listeners"}}'`,
          },
        ];
      }
      if (way.kind !== "transportServer" || way.settings.manage === "listeners") return [];
      const { globalConfiguration, namespace } = way.settings;
      const names = exposures.map((exposure) => transportListener(exposure).name).join(", ");
      return [
        {
          what: `the GlobalConfiguration ${namespace}/${globalConfiguration} of ${cluster} has to have the listeners ${names}`,
          why: "its listeners are one list for everybody, to which no partial manifest can add an element",
          command: `${kubectlFor(plan, cluster)} -n ${namespace} get globalconfiguration ${globalConfiguration} -o jsonpath='{.spec.listeners}'`,
        },
      ];
    }),
  );
}
