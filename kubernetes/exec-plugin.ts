import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Cluster, User } from "@kubernetes/client-node";
import { z } from "zod";

/** A credential as a kubeconfig's plugin gives it. */
export interface ExecCredential {
  /** Bearer token. */
  readonly token: string | undefined;
  /** Client certificate, PEM. */
  readonly certificate: string | undefined;
  /** Its private key, PEM. */
  readonly key: string | undefined;
  /** The time at which it expires, in milliseconds since 1970; undefined: it is good for as long as the API server takes it. */
  readonly expires: number | undefined;
}

/** A credential plugin as a kubeconfig names it (Kubernetes, "Authenticating": client-go credential plugins). */
export interface ExecPlugin {
  /** Name of the kubeconfig's user that has it. */
  readonly user: string;
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** The kubeconfig's advice for those who have not installed it. */
  readonly installHint: string | undefined;
  /** The cluster, where the plugin is to be told of it. */
  readonly cluster: Readonly<Record<string, unknown>> | undefined;
}

const execConfig = z.object({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().nullish(),
  provideClusterInfo: z.boolean().nullish(),
});

/** The credential plugin of a kubeconfig's user; undefined where it has none.
 * @throws Error if the kubeconfig does not say how to start it */
export function execPlugin(user: User, cluster: Cluster | null): ExecPlugin | undefined {
  // The client declares it as `any`.
  const exec: unknown = user.exec;
  if (exec === undefined || exec === null) return undefined;
  const parsed = execConfig.safeParse(exec);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      `the kubeconfig's user "${user.name}" has a credential plugin that cannot be started: exec.${issue?.path.join(".")}: ${issue?.message}`,
    );
  }
  const { apiVersion, command, args, env, installHint, provideClusterInfo } = parsed.data;
  return {
    user: user.name,
    apiVersion,
    command,
    args: args ?? [],
    env: env ?? [],
    installHint: installHint ?? undefined,
    cluster: provideClusterInfo && cluster ? clusterInfo(cluster) : undefined,
  };
}

/** A cluster in the form that the API `client.authentication.k8s.io` has for it. */
function clusterInfo({ server, caData, caFile, tlsServerName, skipTLSVerify, proxyUrl }: Cluster) {
  const authority = caData ?? (caFile === undefined ? undefined : readFileSync(caFile).toString("base64"));
  return {
    server,
    ...(authority === undefined ? {} : { "certificate-authority-data": authority }),
    ...(tlsServerName === undefined ? {} : { "tls-server-name": tlsServerName }),
    ...(skipTLSVerify ? { "insecure-skip-tls-verify": true } : {}),
    ...(proxyUrl === undefined ? {} : { "proxy-url": proxyUrl }),
  };
}

const execCredential = z.object({
  kind: z.literal("ExecCredential"),
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.iso.datetime({ offset: true }).optional(),
  }),
});

/** Starts a credential plugin, once.
 * @throws Error that says what the plugin says, never with what it gave */
export async function runExecPlugin(plugin: ExecPlugin): Promise<ExecCredential> {
  const who = `the credential plugin "${plugin.command}" of the kubeconfig's user "${plugin.user}"`;
  const parsed = execCredential.safeParse(jsonOrUndefined(await outputOf(plugin, who)));
  if (!parsed.success) throw new Error(`${who} did not print an ExecCredential; run it by hand to see what it prints`);
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = parsed.data.status;
  if (token === undefined && clientCertificateData === undefined)
    throw new Error(`${who} returned neither a token nor a client certificate; run it by hand to see what it prints`);
  return {
    token,
    certificate: clientCertificateData,
    key: clientKeyData,
    expires: expirationTimestamp === undefined ? undefined : Date.parse(expirationTimestamp),
  };
}

function outputOf({ apiVersion, command, args, env, installHint, cluster }: ExecPlugin, who: string): Promise<string> {
  const spec = { interactive: false, ...(cluster === undefined ? {} : { cluster }) };
  const variables = {
    ...process.env,
    ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: "ExecCredential", spec }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: variables, stdio: ["ignore", "pipe", "pipe"] });
    let [printed, complaints] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
      // Some ask there for a login in the browser, and wait for it.
      if (process.stderr.isTTY) process.stderr.write(text);
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      const how = installHint?.trim() || `install it, or put the folder that has it on PATH`;
      reject(new Error(error.code === "ENOENT" ? `${who} is not installed: ${how}` : `${who}: ${error.message}`));
    });
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(printed);
      const said = complaints.trim().split("\n").slice(-10).join("\n");
      const ended = signal ? `was ended by ${signal}` : `ended with the exit code ${code}`;
      reject(new Error(`${who} ${ended}${said === "" ? "" : `: ${said}`}`));
    });
  });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
