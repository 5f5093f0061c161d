/** The programs that the lab, the tests and the benchmark build: where their source comes from, and the key under which a finished build is cached. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const toolNames = [
  "kube-apiserver",
  "pulumi",
  "pulumi-language-nodejs",
  "etcd",
  "actionlint",
  "kubectl",
] as const;
export type ToolName = (typeof toolNames)[number];

export interface ToolSource {
  name: ToolName;
  /**
   * Which folder of the cache it shares. The engine takes a language host for granted only beside itself: it warns about one that it finds
   * on PATH.
   */
  group: "engine" | "control-plane" | "lint" | "bench";
  /** Folder of the Go module that pins it. */
  moduleDirectory: string;
  /** Go package of its `main`, as `go build` takes it. */
  mainPackage: string;
  /** For people. */
  version: string;
  /** Variables set by the linker: `import/path.variable` to value. */
  linkerVariables: Readonly<Record<string, string>>;
}

const goDirectory = fileURLToPath(new URL("go", import.meta.url));

/** The version that a module's go.mod pins. */
export function pinnedVersion(moduleDirectory: string, module: string): string {
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

/** What checks the workflows. No lab needs it, so only the tests build it. */
export function actionlintSource(): ToolSource {
  const moduleDirectory = join(goDirectory, "actionlint");
  return {
    name: "actionlint",
    group: "lint",
    moduleDirectory,
    mainPackage: "github.com/rhysd/actionlint/cmd/actionlint",
    version: pinnedVersion(moduleDirectory, "github.com/rhysd/actionlint"),
    linkerVariables: {},
  };
}

/** What an update is measured against. Only the benchmark builds it. */
export function kubectlSource(): ToolSource {
  const moduleDirectory = join(goDirectory, "kubectl");
  // Kubernetes v1.x is made of modules v0.x.
  const version = pinnedVersion(moduleDirectory, "k8s.io/kubectl").replace(/^v0\./, "v1.");
  return {
    name: "kubectl",
    group: "bench",
    moduleDirectory,
    mainPackage: ".",
    version,
    linkerVariables: kubernetesVersion(version),
  };
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

/** The four programs of a lab, the longest builds first. */
export function toolSources(): ToolSource[] {
  const controlPlane = join(goDirectory, "control-plane");
  const engine = join(goDirectory, "pulumi");
  const language = join(goDirectory, "language");
  const kubernetes = pinnedVersion(controlPlane, "k8s.io/kubernetes");
  const pulumi = pinnedVersion(engine, "github.com/pulumi/pulumi/pkg/v3");
  return [
    {
      name: "kube-apiserver",
      group: "control-plane",
      moduleDirectory: controlPlane,
      mainPackage: "./cmd/kube-apiserver",
      version: kubernetes,
      linkerVariables: kubernetesVersion(kubernetes),
    },
    {
      name: "pulumi",
      group: "engine",
      moduleDirectory: engine,
      mainPackage: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      version: pulumi,
      linkerVariables: { [pulumiVersionVariable]: pulumi },
    },
    {
      name: "pulumi-language-nodejs",
      group: "engine",
      moduleDirectory: language,
      mainPackage: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      version: pinnedVersion(language, "github.com/pulumi/pulumi/sdk/v3"),
      // The engine compares a language host's version with its own.
      linkerVariables: { [pulumiVersionVariable]: pulumi },
    },
    {
      name: "etcd",
      group: "control-plane",
      moduleDirectory: controlPlane,
      mainPackage: "./cmd/etcd",
      version: pinnedVersion(controlPlane, "go.etcd.io/etcd/server/v3"),
      linkerVariables: {},
    },
  ];
}

/** Arguments of `go` that build a tool to `output`. */
export function buildArguments(source: ToolSource, output: string, parallelism: number): string[] {
  const variables = Object.entries(source.linkerVariables).map(([name, value]) => `-X ${name}=${value}`);
  return [
    "build",
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    `-p=${parallelism}`,
    `-ldflags=${["-s -w", ...variables].join(" ")}`,
    `-o=${output}`,
    source.mainPackage,
  ];
}

/** Names a finished build: the same key, the same program. Covers the module's files, how it is built and for what machine. */
export function toolKey(source: ToolSource, platform: string): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([source.name, platform, buildArguments(source, "", 0)]));
  const files = readdirSync(source.moduleDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^go\.(mod|sum)$|\.go$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(`\0${relative(source.moduleDirectory, file)}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}
