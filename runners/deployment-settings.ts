/** Stacks as Pulumi Deployments takes them. */
import { githubRepository, type ProgramSource } from "./program-source.ts";
import type { OrderedStack } from "./stack-order.ts";

/** How Pulumi Deployments runs all stacks. */
export interface DeploymentsSettings {
  /** Of Pulumi Cloud. */
  readonly organization: string;
  readonly project: string;
  readonly source: ProgramSource;
  /** Image in which deployments run: Pulumi's CLI with Node.js. */
  readonly image: string;
  /** Pool of self-hosted agents; undefined: Pulumi's own. */
  readonly agentPool: string | undefined;
  /** How often a stack is updated without a change of the program, in minutes. */
  readonly resyncMinutes: number;
}

/** What Pulumi Cloud is told about one stack. */
export interface StackDeployment {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly after: readonly string[];
  readonly completedAfter: readonly string[];
  /** Body of `POST /api/stacks/<organization>/<project>/<stack>/deployments/settings`. */
  readonly settings: DeploymentSettings;
  /** Arguments of a `pulumiservice:index:DeploymentSettings`, which says the same. */
  readonly resource: DeploymentSettingsArgs;
  /** Bodies of `POST /api/stacks/<organization>/<project>/<stack>/hooks`: the stacks that are updated after this one. */
  readonly webhooks: readonly DeploymentWebhook[];
  /** Body of `POST /api/stacks/<organization>/<project>/<stack>/deployments/schedules`. */
  readonly schedule: { readonly scheduleCron: string; readonly request: { readonly operation: "update" } };
}

export interface DeploymentSettings {
  readonly sourceContext: {
    readonly git: { readonly repoUrl?: string; readonly branch: string; readonly repoDir: string };
  };
  readonly gitHub?: GithubSettings;
  readonly operationContext: { readonly options: Readonly<Record<string, boolean>> };
  readonly executorContext: { readonly executorImage: { readonly reference: string } };
  readonly cacheOptions: { readonly enable: boolean };
  readonly agentPoolID?: string;
}

interface GithubSettings {
  readonly repository: string;
  readonly deployCommits: boolean;
  readonly previewPullRequests: boolean;
}

export interface DeploymentSettingsArgs
  extends Pick<DeploymentSettings, "sourceContext" | "operationContext" | "cacheOptions"> {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly github?: GithubSettings;
  readonly executorContext: { readonly executorImage: string };
  readonly agentPoolId?: string;
}

export interface DeploymentWebhook {
  readonly organizationName: string;
  readonly projectName: string;
  readonly stackName: string;
  readonly name: string;
  readonly displayName: string;
  readonly active: boolean;
  readonly format: "pulumi_deployments";
  /** `<project>/<stack>` that is deployed then. */
  readonly payloadUrl: string;
  readonly filters: readonly string[];
}

/**
 * What Pulumi Deployments needs for each stack. It knows no prerequisites: a stack that has been updated starts those that come after it,
 * and never one that comes before, which would go round for ever. What is still pending then is done by the schedule.
 */
export function stackDeployments(stacks: readonly OrderedStack[], all: DeploymentsSettings): StackDeployment[] {
  const { organization, project } = all;
  return stacks.map(({ name: stack, after, completedAfter }) => {
    const settings = deploymentSettings(all);
    const next = stacks.filter((other) => other.after.includes(stack));
    return {
      ...{ organization, project, stack, after, completedAfter, settings },
      resource: { organization, project, stack, ...settingsAsArgs(settings) },
      webhooks: next.map(({ name }) => webhook(all, stack, name)),
      schedule: { scheduleCron: everyMinutes(all.resyncMinutes), request: { operation: "update" } },
    };
  });
}

function deploymentSettings({ source, image, agentPool }: DeploymentsSettings): DeploymentSettings {
  const repository = githubRepository(source.repository);
  const git = { branch: `refs/heads/${source.branch}`, repoDir: source.folder };
  return {
    // Where GitHub's app is asked for the code, a URL would be a second way to it, which Pulumi refuses.
    sourceContext: { git: repository === undefined ? { repoUrl: source.repository, ...git } : git },
    ...(repository === undefined ? {} : { gitHub: { repository, deployCommits: true, previewPullRequests: true } }),
    operationContext: { options: { skipIntermediateDeployments: true, deleteAfterDestroy: false } },
    executorContext: { executorImage: { reference: image } },
    cacheOptions: { enable: true },
    ...(agentPool === undefined ? {} : { agentPoolID: agentPool }),
  };
}

function settingsAsArgs({ gitHub, executorContext, agentPoolID, ...same }: DeploymentSettings) {
  return {
    ...same,
    ...(gitHub === undefined ? {} : { github: gitHub }),
    executorContext: { executorImage: executorContext.executorImage.reference },
    ...(agentPoolID === undefined ? {} : { agentPoolId: agentPoolID }),
  };
}

function webhook({ organization, project }: DeploymentsSettings, stack: string, next: string): DeploymentWebhook {
  return {
    ...{ organizationName: organization, projectName: project, stackName: stack },
    ...{ name: `then-${next}`, displayName: `update ${next} after ${stack}`, active: true },
    ...{ format: "pulumi_deployments", payloadUrl: `${project}/${next}`, filters: ["update_succeeded"] },
  };
}

/** Cron knows divisions of an hour, or hours. */
function everyMinutes(minutes: number): string {
  if (minutes < 60) return `*/${minutes} * * * *`;
  const hours = Math.round(minutes / 60);
  return hours < 24 ? `0 */${hours} * * *` : "0 0 * * *";
}
