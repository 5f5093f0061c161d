import { stringify } from "yaml";
import { type InitAnswers, stacksOf } from "./answers.ts";
import { topologyText } from "./topology-text.ts";

/** The versions that a new project asks for. */
export interface ProjectVersions {
  /** Of this package. */
  readonly own: string;
  /** Lowest Node.js. */
  readonly node: string;
  /** Range of Pulumi's SDK. */
  readonly pulumi: string;
}

/** A file of a new project. */
export interface ProjectFile {
  /** From the project's folder. */
  readonly path: string;
  readonly text: string;
  /** What the owner of a file that is there already has to do in it; undefined: nothing. */
  readonly advice?: string | undefined;
}

/** The program of a project that has topologies alone. */
const indexText = `import { program } from "bigpeer-topology/program";

// The topologies declare everything. This passes the running stack's share of its topology to Pulumi.
export default () => program();
`;

const ignoreText = `node_modules/
.lab/
.pulumi/
*.log
`;

/** The files of a new project, without its workflows. Pure. */
export function projectFiles(answers: InitAnswers, versions: ProjectVersions): ProjectFile[] {
  const topology = `topologies/${answers.environment}.yaml`;
  return [
    {
      path: "package.json",
      text: packageText(answers, versions),
      advice: `run: npm install bigpeer-topology@^${versions.own} @pulumi/pulumi@${versions.pulumi} && npm install --save-dev bigpeer-topology-lab@^${versions.own}`,
    },
    {
      path: "Pulumi.yaml",
      text: pulumiText(answers),
      advice:
        "make sure that it has `runtime: { name: nodejs, options: { typescript: false } }`, with which Node.js itself runs TypeScript",
    },
    ...stacksOf(answers).map((stack) => ({
      path: `Pulumi.${stack}.yaml`,
      text: `config:\n  bigpeer:topology: ${topology}\n`,
      advice: `add to its config: bigpeer:topology: ${topology}`,
    })),
    {
      path: "index.ts",
      text: indexText,
      advice: 'import { program } from "bigpeer-topology/program"; and export what `await program()` returns',
    },
    { path: topology, text: topologyText(answers) },
    { path: ".gitignore", text: ignoreText, advice: "make sure that it lists node_modules/ and .lab/" },
  ];
}

function packageText({ project, description }: InitAnswers, { own, node, pulumi }: ProjectVersions): string {
  const manifest = {
    name: project,
    description,
    private: true,
    type: "module",
    engines: { node: `>=${node}` },
    scripts: {
      check: "bigpeer check topologies/*.yaml",
      dev: "bigpeer dev",
      deploy: "bigpeer deploy",
      verify: "bigpeer verify",
    },
    dependencies: { "@pulumi/pulumi": pulumi, "bigpeer-topology": `^${own}` },
    devDependencies: { "bigpeer-topology-lab": `^${own}` },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function pulumiText({ project, description }: InitAnswers): string {
  return `${stringify({ name: project, description })}runtime:
  name: nodejs
  options:
    # Node.js strips the types itself.
    typescript: false
    packagemanager: npm
    # Loads Pulumi's SDK faster. The program also works without it.
    nodeargs: --require bigpeer-topology/preload
main: index.ts
`;
}
