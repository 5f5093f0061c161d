/** Something in a cluster that the imported topology does not say, or says in another way. */
export interface LeftOut {
  readonly cluster: string;
  /** Kind, namespace and name, such as `BigPeerReplication ditto/blue-cars-bp2`. */
  readonly object: string;
  readonly reason: string;
  /** What the user can do about it. */
  readonly offer: string;
}
