import { Provider } from "@pulumi/kubernetes/provider.js";
import { Config } from "@pulumi/pulumi";
import { BigPeer, certificateReader } from "../../../components/index.ts";

const dev = new Provider("dev", { context: "dev", enableServerSideApply: true });
const settings = {
  version: "1.63.2",
  kafkaListener: false,
  store: { replicas: 1, storage: new Config().require("storage") },
};
const certificates = certificateReader({ context: "dev" });
new BigPeer(
  "boats",
  { name: "boats", namespace: "ditto", settings, certificates },
  { providers: [dev], protect: true },
);
