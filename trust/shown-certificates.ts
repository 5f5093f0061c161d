import type { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import type { Chain } from "./certificates.ts";

/** The address at which a server listens. */
export interface Listener {
  readonly host: string;
  readonly port: number;
}

const timeoutMs = 3_000;

/** The parts of `host:port` or `[v6]:port`; undefined for any other text. */
export function listenerOf(address: string): Listener | undefined {
  const [, v6, name, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
  return port === undefined ? undefined : { host: v6 ?? name ?? "", port: Number(port) };
}

/**
 * The certificates that a server shows whoever connects. Nothing is sent but the handshake, and nothing shown is trusted: it is
 * only looked at. A server that asks for a client's certificate gets none, and hangs up afterwards.
 * @throws Error if there is no handshake, with the reason
 */
export async function certificatesShownAt({ host, port }: Listener): Promise<Chain> {
  const socket = connect({
    host,
    port,
    timeout: timeoutMs,
    // Only the caller knows the CAs against which the certificates are judged.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    return await new Promise<Chain>((done, reject) => {
      const look = () => chainOf(socket.getPeerX509Certificate());
      socket.once("secureConnect", () => {
        const chain = look();
        if (chain.length > 0) done(chain);
        else reject(new Error("it showed no certificate"));
      });
      socket.on("error", (error) => {
        // With TLS 1.2 a server refuses in the handshake, after it has shown its own certificate.
        const chain = look();
        if (chain.length > 0) done(chain);
        else reject(new Error(reasonOf(error)));
      });
      socket.once("timeout", () => reject(new Error(`it does not answer within ${timeoutMs / 1000} s`)));
      socket.once("close", () => reject(new Error("it closed the connection before it showed a certificate")));
    });
  } finally {
    socket.destroy();
  }
}

/** In the error of a handshake OpenSSL names its own source files. */
function reasonOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code.startsWith("ERR_SSL_")) return "the server does not speak TLS, or refuses the handshake";
  return code === "" ? error.message : code;
}

function chainOf(shown: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (
    let each = shown;
    each !== undefined && !chain.some((known) => known.fingerprint256 === each?.fingerprint256);
  ) {
    chain.push(each);
    each = each.issuerCertificate;
  }
  return chain;
}
