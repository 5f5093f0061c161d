import type { Grant } from "./access.ts";
import { type AccessRule, accessRules } from "./access-rules.ts";

/** The subject that gets the rights. */
export type Subject =
  | { readonly kind: "ServiceAccount"; readonly namespace: string; readonly name: string }
  | { readonly kind: "User" | "Group"; readonly name: string };

/** An RBAC object, or the ServiceAccount that it is for. */
export interface AccessManifest {
  readonly apiVersion: string;
  readonly kind: "ServiceAccount" | "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding";
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Record<string, string> };
  readonly rules?: readonly AccessRule[];
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly Record<string, string>[];
}

const rbac = "rbac.authorization.k8s.io";
const labels = { "app.kubernetes.io/managed-by": "bigpeer-topology" };

/**
 * A Role with its binding for each namespace, and a ClusterRole for what no namespace holds.
 * @param name of all of them
 */
export function accessManifests(grants: readonly Grant[], name: string, subject: Subject): AccessManifest[] {
  const account: AccessManifest[] =
    subject.kind === "ServiceAccount"
      ? [
          {
            ...{ apiVersion: "v1", kind: "ServiceAccount" },
            metadata: { name: subject.name, namespace: subject.namespace, labels },
          },
        ]
      : [];
  return [...account, ...[...accessRules(grants)].flatMap(([namespace, rules]) => granted(namespace, rules))];

  function granted(namespace: string | undefined, rules: readonly AccessRule[]): AccessManifest[] {
    const kind = namespace === undefined ? "ClusterRole" : "Role";
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels };
    const apiVersion = `${rbac}/v1`;
    const subjects = [subject.kind === "ServiceAccount" ? subject : { ...subject, apiGroup: rbac }];
    return [
      { apiVersion, kind, metadata, rules },
      { apiVersion, kind: `${kind}Binding`, metadata, roleRef: { apiGroup: rbac, kind, name }, subjects },
    ];
  }
}
