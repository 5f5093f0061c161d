import type { BigPeer } from "../big-peer/big-peer.ts";
import { type Condition, condition } from "./conditions.ts";

/** The conditions of a replication that a Big Peer runs. */
export function replicationConditions({ connections, inbound, lastError }: ReturnType<BigPeer["status"]>): Condition[] {
  const down = connections.filter(({ connected }) => !connected);
  const connected = connections.length > 0 ? down.length === 0 : inbound > 0;
  const message = [...down.map(({ address, error }) => `${address}: ${error ?? "not connected yet"}`)];
  if (!connected && lastError !== undefined) message.push(lastError);
  if (!connected && message.length === 0) message.push("nobody has connected yet");
  return [
    condition("Ready", true, "Configured"),
    condition(
      "Connected",
      connected,
      connected ? "Connected" : "NotConnected",
      connected ? "" : [...new Set(message)].join("; "),
    ),
  ];
}
