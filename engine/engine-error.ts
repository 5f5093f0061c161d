import { type RunbookPage, runbook } from "../topology/runbook.ts";

const howToInstall = "install Pulumi 3.250 or newer (https://www.pulumi.com/docs/install)";

/**
 * The messages of the engine, and of what starts it, that mean that something is missing or in the way; each with a sentence that says how
 * it is got or resolved. The words are those of Pulumi 3.250: `pkg/backend`, `pkg/secrets/passphrase`, `pkg/workspace`, `sdk/go/common/workspace/plugins.go`, the Node.js language
 * host and the Automation API.
 */
const remedies: readonly {
  readonly said: RegExp;
  readonly sentence: (match: RegExpExecArray) => string;
  /** The page of the runbook that tells more. */
  readonly page?: RunbookPage;
}[] = [
  { said: /\bpulumi ENOENT\b/, sentence: () => `there is no \`pulumi\` on PATH: ${howToInstall}` },
  {
    said: /Minimum version requirement failed\..* your current CLI version is (\S+)\. /,
    sentence: ([, version]) => `the \`pulumi\` on PATH is ${version}: ${howToInstall}`,
  },
  {
    said: /Failed to parse Pulumi CLI version/,
    sentence: () =>
      `the \`pulumi\` on PATH does not print its version, so it may be a different program: ${howToInstall}`,
  },
  {
    page: "stack-unreadable",
    said: /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/,
    sentence: () =>
      "the stack's secrets are encrypted with a passphrase: set PULUMI_CONFIG_PASSPHRASE to it, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that contains it",
  },
  {
    page: "stack-unreadable",
    said: /incorrect passphrase/,
    sentence: () =>
      "PULUMI_CONFIG_PASSPHRASE is not the passphrase with which the stack's secrets are encrypted: set it to the one with which the stack was created",
  },
  {
    page: "stack-unreadable",
    said: /(?:PULUMI_ACCESS_TOKEN must be set for login|requires logging in|No credentials provided or are invalid)/,
    sentence: () =>
      "Pulumi is not logged in to a backend: run `pulumi login`, or set PULUMI_ACCESS_TOKEN, for Pulumi Cloud; for a backend of your own run `pulumi login <URL>`, or set PULUMI_BACKEND_URL",
  },
  {
    page: "stack-unreadable",
    said: /unable to open bucket (\S+): ([\s\S]*)/,
    sentence: ([, url, reason]) =>
      `the backend ${withoutPassword(url ?? "")} cannot be opened: ${reason?.trim()}\nCheck that PULUMI_BACKEND_URL, or the URL of \`pulumi login\`, is right, and that you are logged in to its cloud`,
  },
  {
    page: "stack-unreadable",
    said: /no stack named '([^']+)' found/,
    sentence: ([, stack]) =>
      `the backend has no stack "${stack}": \`pulumi stack ls\` lists its stacks, \`pulumi stack init ${stack}\` creates this one, and \`pulumi whoami --verbose\` says which backend that is`,
  },
  {
    page: "stack-locked",
    said: /the stack is currently locked by .*((?:\n.*created by .*)*)/,
    sentence: ([, holders]) => `${locked}${holders}`,
  },
  { said: /Another update is currently in progress/, sentence: () => locked, page: "stack-locked" },
  {
    said: /no Pulumi\.yaml project file found/,
    sentence: () => "this folder is not a Pulumi project: run the command in the folder that has the Pulumi.yaml",
  },
  {
    said: /no language plugin 'pulumi-language-(\S+)' found/,
    sentence: ([, language]) =>
      `the program needs \`pulumi-language-${language}\`, which is not next to \`pulumi\`: ${howToInstall}, with all its parts`,
  },
  {
    said: /no resource plugin 'pulumi-resource-([^']+)' found[^\n]* at version (v[\w.+-]+)/,
    sentence: ([, provider, version]) =>
      `the provider ${provider} ${version} is not installed: run \`pulumi plugin install resource ${provider} ${version}\``,
  },
  {
    said: /Pulumi SDK has not been installed/,
    sentence: () => "the project's packages are not installed: run `npm ci` in the folder that has the Pulumi.yaml",
  },
  {
    // The words of Node.js, for what a program or `nodeargs` of Pulumi.yaml loads. A path begins with a dot or a slash.
    said: /Cannot find (?:package|module) '((?:@[^/']+\/)?[^@./'][^/']*)/,
    sentence: ([, name]) =>
      `the program loads the package ${name}, which is not installed: run \`npm ci\` in the folder that has the Pulumi.yaml, or \`npm install ${name}\` if its package.json does not name it`,
  },
];

const locked =
  "another update has locked the stack: wait until it has ended. If it was killed, `pulumi cancel --stack <stack>` releases its lock";

/**
 * Says what went wrong in a command or a run of the engine: if something is missing, what it is and how to get it, otherwise in the engine's
 * own words. The Automation API puts both streams of a command, the command itself and a call stack into its message; they are left out.
 * @param diagnostics what the engine has reported as errors in its events, if it got so far
 */
export function engineError(error: unknown, diagnostics: readonly string[] = []): string {
  const said = errorIn(error instanceof Error ? error.message : String(error));
  if (diagnostics.length === 0) return remedyFor(said) ?? said;
  // Beside what it has reported the engine ends with a word about that; only where something is missing it is a word of its own.
  const sentences = [...diagnostics.map((text) => remedyFor(text) ?? text), remedyFor(said) ?? ""];
  return [...new Set(sentences)].filter((text) => text !== "").join("\n");
}

function remedyFor(text: string): string | undefined {
  for (const { said, sentence, page } of remedies) {
    const match = said.exec(text);
    if (match) return page === undefined ? sentence(match) : `${sentence(match)} (${runbook(page)})`;
  }
  return undefined;
}

/** Finds the command's own words in an error message of the Automation API. */
function errorIn(message: string): string {
  const [printed = ""] = message.split(/^\s*err\?:/m);
  const [, stderr = printed] = /^\s*stderr: ([\s\S]*)$/m.exec(printed) ?? [];
  const [, said] = /^\s*error: ([\s\S]*)$/m.exec(stderr) ?? [];
  return (said ?? stderr.replace(/^\s*Command failed with [^\n]*\n/, "")).trim();
}

function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^/@\s:]*):[^/@\s]*@/, "$1:…@");
}
