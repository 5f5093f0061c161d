/** An issuer of cert-manager. Names of other objects are composed from it, so no part of it can be a value of another resource. */
export interface IssuerReference {
  /** Name of the issuer. */
  readonly name: string;
  /** Kind of the issuer: ClusterIssuer, Issuer (in the Big Peer's namespace), or the kind of an external issuer. @default ClusterIssuer */
  readonly kind?: string | undefined;
  /** API group of the issuer; for an external issuer, a group other than cert-manager.io. @default cert-manager.io */
  readonly group?: string | undefined;
}
