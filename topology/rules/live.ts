import type { RuleDescription } from "../findings/rule-description.ts";
import { liveControllers } from "./live-controllers.ts";
import { described } from "./live-rule.ts";

const contract =
  "the cluster's own CustomResourceDefinitions, compared with `operator:` (topology/operator/contract.ts)";
/** The reason to stop an update that would lose documents. */
const lost = "nothing brings the documents back";
const deployed = "our own: what the stack exported after its last update; in a diff, the base";

const takenOver =
  "a forced server-side apply changes the fields that others own, and from then on the object belongs to this stack, which deletes it once it is no longer in the file";
const existing =
  "the objects in the cluster, compared with what the stack exported after its last update and with its state";

/** The rules that ask the clusters, in `check --live` and before a deployment writes anything. They need no example file. */
export const live = {
  missingCrd: described(
    "missing-crd",
    "error",
    "A cluster does not serve a custom resource that would be created there.",
    {
      why: "the operator is not installed there, is older than that kind, or has another name for it",
      source: contract,
    },
  ),
  versionNotServed: described(
    "version-not-served",
    "error",
    "A cluster serves custom resources that would be written, such as the operator's or a TCPRoute, only in other versions.",
    {
      why: "the API server refuses every object of a version that it does not serve",
      source: `${contract}; Gateway API: TCPRoute is \`v1\` since 1.6, \`v1alpha2\` in the experimental channel before that`,
    },
  ),
  missingField: described(
    "missing-field",
    "error",
    "A field that would be written does not exist in the cluster's schema.",
    {
      why: "the API server silently drops what it does not know",
      source: contract,
    },
  ),
  fieldType: described(
    "field-type",
    "error",
    "A field that would be written is of another type in the cluster's schema.",
    {
      why: "the API server refuses the object",
      source: contract,
    },
  ),
  requiredField: described("required-field", "error", "The cluster's schema requires a field that nothing sets.", {
    why: "the API server refuses the object without it",
    source: contract,
  }),
  noConditions: described("no-conditions", "error", "The cluster's BigPeer has no conditions.", {
    why: "an update waits for every Big Peer until a condition is true, which would never happen",
    source: "notes: operator 0.17.0 introduced conditions",
  }),
  contractDiffers: described(
    "contract-differs",
    "warning",
    "A cluster's operator expects a value in a different form than `operator:` says.",
    {
      why: "what is written there would be dropped or refused, or is never found",
      source:
        "the cluster's definitions, and its Big Peers' Certificates; `bigpeer contract` shows what was found where",
    },
  ),
  contractUnchecked: described("contract-unchecked", "warning", "A cluster's definitions cannot be read.", {
    why: "it is unknown whether the operator there has the fields that will be written; the API server would silently drop a field that it lacks",
    source: contract,
  }),
  controllerUnread: described("controller-unread", "error", "What exposes a cluster's targets cannot be inspected.", {
    why: "it is not known which ports others have open there, so opening one could cut somebody off",
    source: "guide: the tcp-services ConfigMap maps one port to one Service",
  }),
  oldKubernetes: described("old-kubernetes", "warning", "A cluster's Kubernetes is older than 1.31.", {
    why: "the operator is made for 1.31 and later",
    source: "docs: Kubernetes 1.31 or later",
  }),
  noCertManager: described("no-cert-manager", "warning", "A cluster has no cert-manager.", {
    why: "cert-manager issues every Big Peer's CA for the operator, so no Big Peer becomes Ready",
    source: "docs: cert-manager is a prerequisite",
  }),
  operatorNotRunning: described(
    "operator-not-running",
    "warning",
    "A cluster has no running operator: its Deployment is not there, or has no ready pod.",
    {
      why: "nothing acts on new and changed objects until the operator runs, so an update waits for them in vain",
      source: "Kubernetes: a Deployment's status counts its ready pods; `operator.managementApi` names the Deployment",
    },
  ),
  issuerMissing: described(
    "issuer-missing",
    "warning",
    "A cluster lacks the issuer that should sign the CAs of its Big Peers, or the issuer is not Ready.",
    {
      why: "cert-manager waits forever for the issuer, so a new Big Peer gets no CA and never becomes Ready, and a running one keeps its former CA",
      source: "cert-manager: a CertificateRequest stays pending until its issuer exists and is Ready",
    },
  ),
  ...liveControllers,
  portMoved: described(
    "port-moved",
    "error",
    "A port that is already dialled would move, and the file does not say so.",
    {
      why: "firewalls let the former port through, and a peer that is updated later dials a port that is closed",
      source: deployed,
    },
  ),
  portLeft: described(
    "port-left",
    "warning",
    "Another target of a replication takes the place of one that was dialled, at another port.",
    {
      why: "firewalls let the former port through, and not this one",
      source: deployed,
    },
  ),
  portReused: described("port-reused", "warning", "A port that has led to one target so far would lead to another.", {
    why: "a peer that dialled the former target at that port reaches another one until it is updated too, and is refused there or syncs with the wrong peer",
    source: deployed,
  }),
  staleTrust: described(
    "stale-trust",
    "warning",
    "A Big Peer does not trust the CA of another one, or the certificate that it presents.",
    {
      why: "open connections stay open; each one fails when it is next established, or when the other Big Peer gets a new certificate",
      source: "guide: both ends of a replication must trust each other's CA",
    },
  ),
  notAdopted: described(
    "not-adopted",
    "error",
    "In production an update would take over an object that somebody else has made, and the file does not say so.",
    {
      why: takenOver,
      source: existing,
    },
  ),
  takenOver: described(
    "taken-over",
    "warning",
    "An update takes over an object that somebody else has made: outside production, or because the file says `adopt`.",
    {
      why: takenOver,
      source: existing,
    },
  ),
  adopted: described("adopted", "note", "`adopt` is still set on something that the stack has already taken over.", {
    why: "it does nothing now, and another object of that name would be taken over without asking",
    source: existing,
  }),
  existingUnread: described(
    "existing-unread",
    "warning",
    "The objects that already exist in a cluster cannot be determined.",
    {
      why: "an object that somebody else has made would silently be taken over",
      source: existing,
    },
  ),
  peerRemoved: described(
    "peer-removed",
    "error",
    "In production an update would delete a Big Peer whose removal is not confirmed.",
    {
      why: lost,
      source: deployed,
    },
  ),
  peerReplaced: described(
    "peer-replaced",
    "error",
    "In production an update would recreate a Big Peer or its volumes, without its documents.",
    {
      why: lost,
      source: deployed,
    },
  ),
  appRemoved: described("app-removed", "error", "In production an update would delete an app, or take it off a peer.", {
    why: lost,
    source: deployed,
  }),
  appReplaced: described("app-replaced", "error", "In production an update would give an app another ID.", {
    why: lost,
    source: deployed,
  }),
  appIdGiven: described(
    "app-id-given",
    "warning",
    "In production a change would give an ID to an app whose generated one is unknown here.",
    {
      why: lost,
      source: deployed,
    },
  ),
  ownOutputsUnread: described(
    "own-outputs-unread",
    "error",
    "The outputs that a stack exported after its last update cannot be read.",
    {
      why:
        "it would be treated as a new stack: another cluster under the same name, Big Peers and apps that would be lost, and clusters " +
        "that do not answer would all go unnoticed, and what is there would be deleted or recreated",
      source: deployed,
    },
  ),
  anotherCluster: described(
    "another-cluster",
    "error",
    "A cluster's name now leads to a different cluster than before.",
    {
      why: "everything would be recreated there, without its documents, and what runs in the former cluster would be forgotten",
      source: "our own: the UID of the namespace kube-system, as the stack exported it after its last update",
    },
  ),
  lostClusterAnswers: described("lost-cluster-answers", "error", "A cluster that is marked as lost still answers.", {
    why: "its Big Peers would keep running although no stack knows them, and all others would stop replicating with them",
    source: "our own: the UID of the namespace kube-system, as the stack exported it after its last update",
  }),
  clusterUnreachable: described("cluster-unreachable", "error", "No cluster of a stack can be reached.", {
    why: "an update can do nothing without a cluster",
    source: "the API servers, through the kubeconfig",
  }),
} satisfies Readonly<Record<string, RuleDescription>>;

export const liveRules: readonly RuleDescription[] = Object.values(live);
