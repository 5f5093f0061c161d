/** The whole desired state that the stand-in operator gives to the stand-in Big Peer. Both are the lab's, not Ditto's programs. */

export interface BigPeerOptions {
  /** The name of the BigPeer resource. */
  name: string;
  /** The IP address of a host name as seen in the Big Peer's cluster; throws as a failed lookup does. */
  resolve(host: string): Promise<string>;
  log(line: string): void;
  /** Called after the status of some replication changed. */
  onStatus(): void;
}

export interface ListenAddress {
  host: string;
  port: number;
}

export interface ReplicationConfig {
  name: string;
  appId: string;
  /** `host:port` or `[v6]:port`, which this side dials. */
  connections: string[];
  /** Collection to DQL predicates: what this side pulls. */
  queries: Record<string, string[]>;
  listen: ListenAddress | undefined;
}

export interface KeyConfig {
  appId: string;
  name: string;
  /** SHA-256 of the key, in hex. */
  hash: string;
  /** RFC 3339. */
  expiresAt: string;
  /** As posted to the management API: {read, write, remoteQuery}. */
  permissions: unknown;
}

export interface TrustedAuthority {
  /** Name of the CA Secret. */
  secret: string;
  /** One certificate or several. */
  pem: string;
}

export interface Identity {
  /** PEM of the leaf, whose common name is the Big Peer's name. */
  certificate: string;
  /** PEM. */
  privateKey: string;
}

export interface BigPeerConfig {
  identity: Identity;
  trusted: TrustedAuthority[];
  api: ListenAddress | undefined;
  apps: { name: string; appId: string }[];
  replications: ReplicationConfig[];
  keys: KeyConfig[];
}

export interface ReplicationStatus {
  connections: { address: string; connected: boolean; error: string | undefined }[];
  /** The number of connected peers that dialled this side. */
  inbound: number;
  lastError: string | undefined;
}
