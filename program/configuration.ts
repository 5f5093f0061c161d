import { relative, resolve } from "node:path";
import { Config, getOrganization, getProject, getStack, type Input, type Output, output } from "@pulumi/pulumi";
import type { TopologyTransforms } from "../components/topology-transforms.ts";
import type { Stacks } from "../topology/check.ts";
import { ownProperty } from "../topology/own-property.ts";
import type { StackSettings } from "../topology/plan/ownership.ts";
import { projectStacks, settingsOf, stackConfigOrNone } from "./stack-files.ts";

/**
 * The settings of a deployment, from the stack's configuration (`bigpeer:…`) or from a program. docs/configuration.md
 * lists every key.
 */
export interface Configuration {
  /**
   * Path of the topology file, as findings show it. For a topology that is in no file, the name that findings use for
   * it.
   */
  readonly topology: string;
  /** The text of a topology that is in no file. */
  readonly text?: string | undefined;
  /** This stack, and what decides which clusters it owns. */
  readonly stack: StackSettings;
  /** The stacks of the project, this one among those that share the topology. */
  readonly stacks: Stacks;
  /** Path or content of the kubeconfig for clusters that name none of their own; undefined: as kubectl finds it. */
  readonly kubeconfig: Output<string> | undefined;
  /** A secret to which the topology refers by its key. */
  readonly secret: (key: string) => Input<string>;
  /** True if everything comes from files, and nothing from the code of a program. */
  readonly onlyFiles?: boolean | undefined;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?: TopologyTransforms | undefined;
  /** Places of the topology whose values are not known yet, as in a preview: `clusters.west.kubeconfig`. */
  readonly unknown?: readonly string[] | undefined;
}

/** The settings that a program specifies in place of the stack's configuration. */
export interface GivenSettings {
  /** The folder to which the path of the topology file is relative. @default the folder in which the engine runs the program */
  readonly directory?: string | undefined;
  /** The clusters that the stack owns. */
  readonly clusters?: readonly string[] | undefined;
  readonly kubeconfig?: Input<string> | undefined;
  /** Secrets that the topology refers to, by key. All others are read from the stack's configuration. */
  readonly secrets?: Readonly<Record<string, Input<string>>> | undefined;
  readonly transform?: TopologyTransforms | undefined;
}

/** A topology that a program specifies, as a path or as a text. */
export interface GivenTopology extends GivenSettings {
  /** Path of the topology file, or the text of a topology that is in no file. */
  readonly topology: { readonly file: string } | { readonly text: string };
  /** The name that findings use for a topology that is in no file. */
  readonly name: string;
}

/**
 * The configuration that a program specifies for the running stack. Nothing is known of the other stacks: their own programs determine what they own.
 */
export function givenConfiguration({ topology, name, ...given }: GivenTopology): Configuration {
  const shown = "file" in topology ? shortPath(resolve(given.directory ?? ".", topology.file)) : name;
  const stack: StackSettings = {
    name: { organization: getOrganization(), project: getProject(), stack: getStack() },
    clusters: given.clusters,
    kubeconfig: undefined,
    at: () => ({ file: shown, line: 1, column: 1 }),
  };
  const config = new Config("bigpeer");
  return {
    topology: shown,
    ...("text" in topology ? { text: topology.text } : {}),
    stack,
    stacks: { project: undefined, running: stack },
    ...valuesOf(config, given),
  };
}

/** Reads the configuration of the stack that runs. The engine runs a program in the folder of its Pulumi.yaml. */
export function readConfiguration(given: GivenSettings = {}): Configuration {
  const config = new Config("bigpeer");
  const topology = config.get("topology") ?? `topologies/${getStack()}.yaml`;
  const file = resolve(given.directory ?? ".", topology);
  const stack = runningStack(config, given);
  const { sharing, ...project } = projectStacks(file, process.cwd());
  const others = sharing.filter(({ name }) => name.stack !== stack.name.stack);
  const all = [...others, stack].sort((one, other) => (one.name.stack < other.name.stack ? -1 : 1));
  return {
    topology: shortPath(file),
    onlyFiles: isNothing(given),
    stack,
    stacks: { project: { ...project, sharing: all }, running: stack },
    ...valuesOf(config, given),
  };
}

function isNothing({ clusters, kubeconfig, secrets = {}, transform }: GivenSettings): boolean {
  const given = [clusters, kubeconfig, transform].some((each) => each !== undefined);
  return !given && Object.keys(secrets).length === 0;
}

function valuesOf(
  config: Config,
  { kubeconfig, secrets, transform }: GivenSettings,
): Pick<Configuration, "kubeconfig" | "secret" | "transform"> {
  return {
    transform,
    kubeconfig: kubeconfig === undefined ? config.getSecret("kubeconfig") : output(kubeconfig),
    secret: (key) => ownProperty(secrets, key) ?? config.requireSecret(key),
  };
}

/** The engine decides the stack's name and its configuration; the stack's file only shows where a value is written. */
function runningStack(config: Config, { clusters }: GivenSettings): StackSettings {
  const name = { organization: getOrganization(), project: getProject(), stack: getStack() };
  // The engine runs a program in the folder of its Pulumi.yaml.
  const directory = process.cwd();
  return {
    ...settingsOf(name, directory, stackConfigOrNone(name.stack, directory)),
    clusters: clusters ?? config.get("clusters"),
  };
}

function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}
