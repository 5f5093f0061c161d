import { relative, resolve } from "node:path";
import { Config, getOrganization, getProject, getStack, type Input, type Output } from "@pulumi/pulumi";
import type { Stacks } from "../topology/check.ts";
import type { StackSettings } from "../topology/plan/ownership.ts";
import { projectStacks, settingsOf, stackConfigOrNone } from "./stack-files.ts";

/** What a stack's configuration (`bigpeer:…`) says. docs/configuration.md lists every key. */
export interface Configuration {
  /** Path of the topology file, as findings show it. */
  readonly topology: string;
  /** This stack, and what decides which clusters it owns. */
  readonly stack: StackSettings;
  /** The stacks of the project, this one among those that share the topology. */
  readonly stacks: Stacks;
  /** Path or content of the kubeconfig for clusters that name none of their own; undefined: as kubectl finds it. */
  readonly kubeconfig: Output<string> | undefined;
  /** A secret that the topology names by its key. */
  readonly secret: (key: string) => Input<string>;
}

/** Reads the configuration of the stack that runs. */
export function readConfiguration(projectDirectory: string): Configuration {
  const config = new Config("bigpeer");
  const topology = config.get("topology") ?? `topologies/${getStack()}.yaml`;
  const file = resolve(projectDirectory, topology);
  const stack = runningStack(config);
  const { sharing, ...project } = projectStacks(file, process.cwd());
  const others = sharing.filter(({ name }) => name.stack !== stack.name.stack);
  const all = [...others, stack].sort((one, other) => (one.name.stack < other.name.stack ? -1 : 1));
  return {
    topology: shortPath(file),
    stack,
    stacks: { project: { ...project, sharing: all }, running: stack },
    kubeconfig: config.getSecret("kubeconfig"),
    secret: (key) => config.requireSecret(key),
  };
}

/** The engine has the last word on what the stack is called and what it is told; where that is written, its file says. */
function runningStack(config: Config): StackSettings {
  const name = { organization: getOrganization(), project: getProject(), stack: getStack() };
  // The engine runs a program in the folder of its Pulumi.yaml.
  const directory = process.cwd();
  return {
    ...settingsOf(name, directory, stackConfigOrNone(name.stack, directory)),
    clusters: config.get("clusters"),
  };
}

function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}
