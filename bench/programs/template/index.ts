import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch.js";
import { ConfigMapPatch } from "@pulumi/kubernetes/core/v1/configMapPatch.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { ServicePatch } from "@pulumi/kubernetes/core/v1/servicePatch.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { RandomUuid } from "@pulumi/random/randomUuid.js";
import * as semver from "semver";
import * as yaml from "yaml";
import { z } from "zod";

// The imports of this project's program, kept as TypeScript keeps those that are used, and one resource.
export const imported = [CustomResource, CustomResourcePatch, DeploymentPatch, ConfigMapPatch, Secret, ServicePatch]
  .map(({ name }) => name)
  .concat(RandomPassword.name, RandomUuid.name, semver.SEMVER_SPEC_VERSION, typeof yaml.parse, typeof z.object);

new Provider("cluster", { context: new pulumi.Config().get("context") ?? "dev", enableServerSideApply: true });
