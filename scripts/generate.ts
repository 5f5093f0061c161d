import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectVersions } from "../cli/project/project-versions.ts";
import { templateFiles } from "../init/pulumi-template.ts";
import { jsonSchemaText } from "../topology/file/json-schema.ts";
import { commandsPage } from "./commands-page.ts";
import { componentsPage } from "./components-page.ts";
import { errorsPage } from "./errors-page.ts";
import { metricsPage } from "./metrics-page.ts";
import { reviewFiles } from "./review-folder.ts";
import { rulesPage } from "./rules-page.ts";
import { topologyPage } from "./topology-page.ts";

/** Writes every file that is made from the code. A test fails while one of them is not current. */
const root = join(import.meta.dirname, "..");
writeFileSync(join(root, "topology.schema.json"), jsonSchemaText());
writeFileSync(join(root, "docs/rules.md"), rulesPage());
writeFileSync(join(root, "docs/errors.md"), errorsPage());
writeFileSync(join(root, "docs/topology.md"), topologyPage());
writeFileSync(join(root, "docs/metrics.md"), metricsPage());
for (const [path, content] of await reviewFiles()) writeFileSync(join(root, path), content);
for (const { path, text } of templateFiles(projectVersions())) {
  const file = join(root, "template", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
writeFileSync(join(root, "docs/components.md"), componentsPage());
writeFileSync(join(root, "docs/commands.md"), await commandsPage());
