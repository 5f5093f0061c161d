/** The policy pack, as Pulumi's SDK serves it to the engine. */
import { PolicyPack } from "@pulumi/policy";
import { defaultEnforcement } from "./company-policy.ts";
import { bigPeerPolicies } from "./policies.ts";

new PolicyPack("bigpeer-topology", { enforcementLevel: defaultEnforcement, policies: bigPeerPolicies });
