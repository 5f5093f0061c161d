/** An ingress-nginx controller whose names another resource gives, as a Helm release would. They are not known before the first update. */
import { Provider } from "@pulumi/kubernetes";
import { RandomUuid } from "@pulumi/random";
import { TcpExposure } from "bigpeer-topology";

const provider = new Provider("west", { context: "west", enableServerSideApply: true });
const later = (name: string) => new RandomUuid(`release-of-${name}`).result.apply(() => name);
const backend = { namespace: later("ditto"), service: later("replication"), port: 4040 };
const exposure = new TcpExposure(
  "west",
  {
    controller: {
      namespace: later("ingress-nginx"),
      service: later("ingress-nginx-controller"),
      configMap: later("tcp-services"),
    },
    exposures: [{ port: 4777, backend }],
  },
  { provider },
);

export const service = exposure.nodes.service?.metadata.name;
export const entries = exposure.nodes.configMap.data;
