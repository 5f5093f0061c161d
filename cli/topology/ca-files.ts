import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { stackExports } from "../../program/stack-exports.ts";
import { suggestion } from "../../topology/findings/suggest.ts";
import { certificateBlocks } from "../../topology/pem.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { UsageError } from "../usage-error.ts";

/**
 * The CA certificates of Big Peers, by peer: of files (`bp1=bp1.pem`), of folders with a `<peer>.pem` for each, and of the output
 * `topology` of a Pulumi stack (`east.json`).
 * @throws UsageError if one cannot be read, is of nobody, or holds anything but certificates
 */
export function readCaFiles(plan: Plan, given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(given.flatMap((argument) => [...(outputsOf(plan, argument) ?? filesOf(plan, argument))]));
}

function filesOf(plan: Plan, argument: string): [string, string][] {
  const [, peer, file] = /^([^=/]+)=(.+)$/.exec(argument) ?? [];
  if (peer !== undefined && file !== undefined) {
    if (!plan.peers.has(peer))
      throw new UsageError(
        `--ca ${argument}: there is no peer ${peer}; ${suggestion(peer, plan.peers.keys(), "peer")}`,
      );
    return [[peer, certificatesOf(file, readText(file))]];
  }
  if (!existsSync(argument) || !statSync(argument).isDirectory())
    throw new UsageError(
      `--ca ${argument} is neither peer=file, nor a folder with a <peer>.pem for each peer, nor the output \`topology\` of a stack as .json`,
    );
  return [...plan.peers.keys()]
    .map((name) => ({ name, path: join(argument, `${name}.pem`) }))
    .filter(({ path }) => existsSync(path))
    .map(({ name, path }): [string, string] => [name, certificatesOf(path, readText(path))]);
}

/** Undefined: the argument means something else. */
function outputsOf(plan: Plan, file: string): [string, string][] | undefined {
  if (!file.endsWith(".json") || file.includes("=")) return undefined;
  const contract = stackExports.safeParse(parseJson(readText(file)));
  if (!contract.success)
    throw new UsageError(
      `${file} is not the output \`topology\` of a stack; write it with \`pulumi stack output topology --json > outputs.json\``,
    );
  return Object.entries(contract.data.peers)
    .filter(([name]) => plan.peers.has(name))
    .map(([name, { caCertificate }]): [string, string] => [name, certificatesOf(file, caCertificate)]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function certificatesOf(file: string, text: string): string {
  if (text.includes("PRIVATE KEY"))
    throw new UsageError(
      `${file} contains a private key. Remove it from the file, and from Git if it was ever committed (then renew the CA): only the certificate is needed`,
    );
  const certificates = certificateBlocks(text);
  if (certificates.length === 0) throw new UsageError(`${file} contains no certificate in PEM`);
  for (const certificate of certificates) {
    const parsed = parse(certificate);
    if (!parsed) throw new UsageError(`${file} contains an invalid certificate; read it from the cluster again`);
    if (parsed.validToDate < new Date())
      throw new UsageError(
        `${file} contains a certificate that expired on ${parsed.validTo}; read it from the cluster again`,
      );
  }
  return `${certificates.join("\n")}\n`;
}

function parse(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    return undefined;
  }
}
