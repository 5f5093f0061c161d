import { Provider } from "@pulumi/kubernetes/provider.js";
import { Config } from "@pulumi/pulumi";
import { BigPeerApp } from "../../../components/index.ts";

const dev = new Provider("dev", { context: "dev", enableServerSideApply: true });
const app = { name: "boats-bp1", namespace: "ditto", peer: "bp1", id: new Config().require("id") };
new BigPeerApp("boats-bp1", app, { providers: [dev], protect: true });
