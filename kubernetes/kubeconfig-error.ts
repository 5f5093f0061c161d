/** No kubeconfig can be used for a cluster: why, and the one thing to do about it. Loads no Kubernetes client. */
export class KubeconfigError extends Error {
  readonly reason: string;
  /** In the imperative, without a page. */
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(`${reason}; ${remedy}`);
    this.reason = reason;
    this.remedy = remedy;
  }
}
