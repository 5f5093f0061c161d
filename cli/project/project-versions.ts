import type { ProjectVersions } from "../../init/project-files.ts";
import { readPackage } from "./package-folder.ts";

/** What a new project asks for: this version, and what it needs itself. */
export function projectVersions(): ProjectVersions {
  const { version, engines, dependencies } = readPackage();
  return { own: version, node: engines.node.replace(">=", ""), pulumi: dependencies["@pulumi/pulumi"] ?? "*" };
}
