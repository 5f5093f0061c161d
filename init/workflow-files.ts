import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InitialForge } from "./answers.ts";
import type { ProjectFile } from "./project-files.ts";

/** Where each forge looks for them. */
const places: Readonly<Record<InitialForge, string>> = { github: ".github/workflows/", gitlab: "" };

/** The workflows of a forge for one environment.
 * @param templates the folder with the workflows of every forge */
export function workflowFiles(forge: InitialForge, environment: string, templates: string): ProjectFile[] {
  const folder = join(templates, forge);
  return readdirSync(folder)
    .sort()
    .map((name) => ({
      path: `${places[forge]}${name}`,
      text: readFileSync(join(folder, name), "utf8").replaceAll("[production]", `[${environment}]`),
      advice: `compare it with node_modules/bigpeer-topology/templates/${forge}/${name}`,
    }));
}
