import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect, isIP } from "node:net";
import { certificatesShownAt, type Listener } from "../trust/shown-certificates.ts";
import type { PathSeen } from "./link-seen.ts";

const timeoutMs = 3_000;
const where = "from here";

/** The way to an address as this machine sees it: its name, a connection, and whether a certificate is shown. Nothing is sent but the handshake. */
export async function lookFromHere(listener: Listener): Promise<PathSeen> {
  const name = await resolved(listener.host);
  if ("failure" in name) return { where, name };
  const connection = await opened(listener);
  if (connection !== "open") return { where, name, connection };
  const handshake = await certificatesShownAt(listener).then(
    () => "shown" as const,
    (error: unknown) => ({ failure: reasonOf(error) }),
  );
  return { where, name, connection, handshake };
}

/** The way to an address that is known inside a cluster alone.
 * @param listener the address of its Service, where this machine has a route to it */
export async function lookInside(cluster: string, listener: Listener | undefined): Promise<PathSeen> {
  const name = { failure: `it is a name of cluster "${cluster}" alone` };
  if (!listener) return { where, name, connection: { failure: `it is an address of cluster "${cluster}" alone` } };
  return { ...(await lookFromHere(listener)), name };
}

async function resolved(host: string): Promise<NonNullable<PathSeen["name"]>> {
  if (isIP(host) !== 0) return { addresses: [host] };
  try {
    const found = await lookup(host, { all: true });
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}

async function opened({ host, port }: Listener): Promise<NonNullable<PathSeen["connection"]>> {
  const socket = connect({ host, port });
  const timer = AbortSignal.timeout(timeoutMs);
  try {
    await once(socket, "connect", { signal: timer });
    return "open";
  } catch (error) {
    return { failure: timer.aborted ? `it does not answer within ${timeoutMs / 1000} s` : reasonOf(error) };
  } finally {
    socket.on("error", () => {}).destroy();
  }
}

/** Node's code says it shorter than its message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = typeof first === "object" && first !== null && "code" in first ? String(first.code) : "";
  return code === "" || code.startsWith("ERR_") ? error.message : code;
}
