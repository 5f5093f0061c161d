/** A way to an HTTP server behind a cluster: its base URL, and how to close the way again. */
export interface Endpoint {
  /** Such as `http://127.0.0.1:40123`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** A port of a Service in a cluster. */
export interface ServiceRef {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The way by which `verify` reaches the HTTP servers inside a cluster. */
export interface Reach {
  /** The way to a Service. */
  service(ref: ServiceRef): Promise<Endpoint>;
  /** The way to a pod of a Deployment. */
  deployment(ref: ServiceRef): Promise<Endpoint>;
}

/** An endpoint that is known from configuration and needs no way. */
export function fixedEndpoint(url: string): Endpoint {
  return { url: url.replace(/\/+$/, ""), close: async () => {} };
}
