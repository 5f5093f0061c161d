/** Where a runner gets the program from: a branch of a Git repository. */
export interface ProgramSource {
  /** URL of the repository, without a credential. */
  readonly repository: string;
  /** Its name alone, such as `main`. */
  readonly branch: string;
  /** Folder of the Pulumi.yaml in the repository; `.` for its root. */
  readonly folder: string;
}

/** The URL of a repository without the credential that may be in it: a clone with a token has it in its configuration. */
export function withoutCredential(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}

/** `owner/name` of a repository on github.com; undefined for any other. */
export function githubRepository(url: string): string | undefined {
  return /^(?:https:\/\/|ssh:\/\/git@|git@)github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1];
}
