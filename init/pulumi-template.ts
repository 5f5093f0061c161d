import { type InitAnswers, initialAnswers } from "./answers.ts";
import { type ProjectFile, type ProjectVersions, projectFiles } from "./project-files.ts";

/** What `pulumi new` replaces by its answers. */
export const templateAnswers: InitAnswers = {
  ...initialAnswers,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what Pulumi replaces is written so.
  project: "${PROJECT}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what Pulumi replaces is written so.
  description: "${DESCRIPTION}",
  clusters: [{ name: "dev", context: "dev" }],
  domain: undefined,
  stackPerCluster: false,
  forge: undefined,
};

const section = `template:
  displayName: Ditto Big Peers
  description: ${initialAnswers.description} on Kubernetes, each declared in one file
  quickstart: npx bigpeer check topologies/dev.yaml && pulumi preview
  config:
    bigpeer:topology:
      description: The topology file of the stack
      default: topologies/dev.yaml
`;

/** The files of the folder that `pulumi new` takes: those of `bigpeer init`, and what they ask. `pulumi new` writes the stack's own file. */
export function templateFiles(versions: ProjectVersions): ProjectFile[] {
  return projectFiles(templateAnswers, versions)
    .filter(({ path }) => !/^Pulumi\..+\.yaml$/.test(path))
    .map((file) => (file.path === "Pulumi.yaml" ? { ...file, text: file.text + section } : file));
}
