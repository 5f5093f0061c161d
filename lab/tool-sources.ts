/** The programs that the lab, the tests and the benchmark build, and where their source comes from. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const toolNames = [
  "pulumi",
  "pulumi-language-nodejs",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "pulumi-resource-kubernetes",
  "actionlint",
  "kubectl",
  "helm",
  "pulumi-language-yaml",
  "pulumi-gen-sdk",
  "prometheus",
  "promtool",
] as const;
export type ToolName = (typeof toolNames)[number];

export interface ToolSource {
  name: ToolName;
  /**
   * The folder of the cache that it shares. The engine takes a language host for granted only beside itself: it warns about one that it finds
   * on PATH.
   */
  group: "engine" | "control-plane" | "providers" | "lint" | "bench" | "languages" | "monitoring";
  /** Folder of the Go module that pins it. */
  moduleDirectory: string;
  /** Go package of its `main`, as `go build` takes it. Its last part is the tool's name, as `go build` names what it writes. */
  mainPackage: string;
  /** For people. */
  version: string;
  /** Variables set by the linker: `import/path.variable` to value. */
  linkerVariables: Readonly<Record<string, string>>;
  /** Build tags; those of one module are the same. */
  tags?: readonly string[];
  /** About how many seconds one processor needs to build it alone, with nothing cached. */
  processorSeconds: number;
}

const goDirectory = fileURLToPath(new URL("go", import.meta.url));

/** The version that a module's go.mod pins. */
function pinnedVersion(moduleDirectory: string, module: string): string {
  const text = readFileSync(join(moduleDirectory, "go.mod"), "utf8");
  const version = text
    .split("\n")
    .map((line) =>
      line
        .replace(/^require\s/, "")
        .trim()
        .split(/\s+/),
    )
    .find((words) => words[0] === module && words[1]?.startsWith("v"))?.[1];
  if (version === undefined)
    throw new Error(`${join(moduleDirectory, "go.mod")} does not require ${module}: put back its require line`);
  return version;
}

const pulumiVersionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** The linter of the workflows. No lab needs it, so only the tests build it. */
export function actionlintSource(): ToolSource {
  const moduleDirectory = join(goDirectory, "actionlint");
  return {
    name: "actionlint",
    group: "lint",
    moduleDirectory,
    mainPackage: "github.com/rhysd/actionlint/cmd/actionlint",
    version: pinnedVersion(moduleDirectory, "github.com/rhysd/actionlint"),
    linkerVariables: {},
    processorSeconds: 30,
  };
}

/** The kubectl against which an update is measured. Only the benchmark builds it. */
export function kubectlSource(): ToolSource {
  const moduleDirectory = join(goDirectory, "kubernetes");
  // Kubernetes v1.x is made of modules v0.x.
  const version = pinnedVersion(moduleDirectory, "k8s.io/kubectl").replace(/^v0\./, "v1.");
  return {
    name: "kubectl",
    group: "bench",
    moduleDirectory,
    mainPackage: "./cmd/kubectl",
    version,
    linkerVariables: kubernetesVersion(version),
    processorSeconds: 60,
  };
}

/** The helm that installs charts. Only the benchmark builds it. */
export function helmSource(): ToolSource {
  const moduleDirectory = join(goDirectory, "helm");
  return {
    name: "helm",
    group: "bench",
    moduleDirectory,
    mainPackage: "helm.sh/helm/v4/cmd/helm",
    version: pinnedVersion(moduleDirectory, "helm.sh/helm/v4"),
    linkerVariables: {},
    processorSeconds: 240,
  };
}

/** What runs a Pulumi program in YAML. Only the tests build it. It speaks to any engine of version 3, and pins a Pulumi of its own: it does not compile against the engine's. */
export function yamlLanguageSource(): ToolSource {
  const moduleDirectory = join(goDirectory, "yaml");
  const module = "github.com/pulumi/pulumi-yaml";
  const version = pinnedVersion(moduleDirectory, module);
  return {
    name: "pulumi-language-yaml",
    group: "languages",
    moduleDirectory,
    mainPackage: `${module}/cmd/pulumi-language-yaml`,
    version,
    linkerVariables: { [`${module}/pkg/version.Version`]: version },
    processorSeconds: 120,
  };
}

/** What makes the SDKs of a package for Go and Python. Only the tests build it. */
export function sdkGeneratorSource(): ToolSource {
  const moduleDirectory = join(goDirectory, "codegen");
  return {
    name: "pulumi-gen-sdk",
    group: "languages",
    moduleDirectory,
    mainPackage: "./cmd/pulumi-gen-sdk",
    version: pinnedVersion(moduleDirectory, "github.com/pulumi/pulumi/pkg/v3"),
    linkerVariables: {},
    processorSeconds: 120,
  };
}

/** Prometheus, which scrapes and alerts, and promtool, which checks rules and metrics. Only the tests build them. */
export function prometheusSources(): ToolSource[] {
  const moduleDirectory = join(goDirectory, "prometheus");
  const module = "github.com/prometheus/prometheus";
  const version = pinnedVersion(moduleDirectory, module);
  const common = { group: "monitoring", moduleDirectory, version, linkerVariables: {} } as const;
  // What discovers targets in clouds is most of the program; the tests name their targets.
  const tags = ["remove_all_sd"];
  return [
    { ...common, tags, name: "prometheus", mainPackage: `${module}/cmd/prometheus`, processorSeconds: 300 },
    { ...common, tags, name: "promtool", mainPackage: `${module}/cmd/promtool`, processorSeconds: 60 },
  ];
}

/** Kubernetes' programs call themselves v0.0.0-master without it, which others cannot parse. */
function kubernetesVersion(version: string): Record<string, string> {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const variables = "k8s.io/component-base/version";
  return {
    [`${variables}.gitVersion`]: version,
    [`${variables}.gitMajor`]: major,
    [`${variables}.gitMinor`]: minor,
  };
}

/** The version of Pulumi's Kubernetes provider that the program asks for. */
export function providerVersion(name: "kubernetes" | "random"): string {
  const file = createRequire(import.meta.url).resolve(`@pulumi/${name}/package.json`);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

/** The programs of a lab, in the order in which they are needed. Those of one module are built together. */
export function toolSources(): ToolSource[] {
  const kubernetesModule = join(goDirectory, "kubernetes");
  const engine = join(goDirectory, "pulumi");
  const language = join(goDirectory, "language");
  const kubernetes = pinnedVersion(kubernetesModule, "k8s.io/kubernetes");
  const pulumi = pinnedVersion(engine, "github.com/pulumi/pulumi/pkg/v3");
  const provider = providerVersion("kubernetes");
  const ofControlPlane = { group: "control-plane", moduleDirectory: kubernetesModule } as const;
  return [
    {
      name: "pulumi",
      group: "engine",
      moduleDirectory: engine,
      mainPackage: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      version: pulumi,
      linkerVariables: { [pulumiVersionVariable]: pulumi },
      processorSeconds: 300,
    },
    {
      name: "pulumi-language-nodejs",
      group: "engine",
      moduleDirectory: language,
      mainPackage: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      version: pinnedVersion(language, "github.com/pulumi/pulumi/sdk/v3"),
      // The engine compares a language host's version with its own.
      linkerVariables: { [pulumiVersionVariable]: pulumi },
      processorSeconds: 40,
    },
    {
      ...ofControlPlane,
      name: "etcd",
      mainPackage: "./cmd/etcd",
      version: pinnedVersion(kubernetesModule, "go.etcd.io/etcd/server/v3"),
      linkerVariables: {},
      processorSeconds: 40,
    },
    {
      ...ofControlPlane,
      name: "kube-apiserver",
      mainPackage: "./cmd/kube-apiserver",
      version: kubernetes,
      linkerVariables: kubernetesVersion(kubernetes),
      processorSeconds: 330,
    },
    {
      ...ofControlPlane,
      name: "kube-controller-manager",
      mainPackage: "./cmd/kube-controller-manager",
      version: kubernetes,
      linkerVariables: kubernetesVersion(kubernetes),
      processorSeconds: 110,
    },
    {
      name: "pulumi-resource-kubernetes",
      group: "providers",
      moduleDirectory: kubernetesModule,
      mainPackage: "./cmd/pulumi-resource-kubernetes",
      version: `v${provider}`,
      // It has no release of its own; the engine warns about a provider that is older than the package which asks for it.
      linkerVariables: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": provider },
      processorSeconds: 900,
    },
  ];
}
