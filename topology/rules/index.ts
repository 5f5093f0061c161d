import type { RuleDescription } from "../findings/rule-description.ts";
import { alwaysTrue } from "./always-true.ts";
import { ambiguousName } from "./ambiguous-name.ts";
import { andBeforeOr } from "./and-before-or.ts";
import { appIdReused } from "./app-id-reused.ts";
import { appNotConnected } from "./app-not-connected.ts";
import { appNotServed } from "./app-not-served.ts";
import { bigPeerVersion } from "./big-peer-version.ts";
import { blankInText } from "./blank-in-text.ts";
import { caseDiffers } from "./case-differs.ts";
import { closedWithIngress } from "./closed-with-ingress.ts";
import { collectionPattern } from "./collection-pattern.ts";
import { comparesFields } from "./compares-fields.ts";
import { comparesWithNull } from "./compares-with-null.ts";
import { contradictoryQuery } from "./contradictory-query.ts";
import { controllerTwice } from "./controller-twice.ts";
import { dialOverruled } from "./dial-overruled.ts";
import { doubleEquals } from "./double-equals.ts";
import { doubleQuotedField } from "./double-quoted-field.ts";
import { doubleQuotedText } from "./double-quoted-text.ts";
import { emptyList } from "./empty-list.ts";
import { emptyRange } from "./empty-range.ts";
import { emptyText } from "./empty-text.ts";
import { emptyWave } from "./empty-wave.ts";
import { everythingEverywhere } from "./everything-everywhere.ts";
import { everythingInProduction } from "./everything-in-production.ts";
import { evictsUndelivered } from "./evicts-undelivered.ts";
import { failedOver } from "./failed-over.ts";
import { failoverStandby } from "./failover-standby.ts";
import { flowsBack } from "./flows-back.ts";
import { foldedName } from "./folded-name.ts";
import { gatewayListeners } from "./gateway-listeners.ts";
import { impossibleDate } from "./impossible-date.ts";
import { ingressHost } from "./ingress-host.ts";
import { likeWithoutWildcard } from "./like-without-wildcard.ts";
import { listenerLimitRule } from "./listener-limit.ts";
import { liveRules } from "./live.ts";
import { mixedIssuers } from "./mixed-issuers.ts";
import { mixedTypes } from "./mixed-types.ts";
import { mixedVersions } from "./mixed-versions.ts";
import { nameNotDns } from "./name-not-dns.ts";
import { nameTooLong } from "./name-too-long.ts";
import { neverTrue } from "./never-true.ts";
import { nobodySubscribes } from "./nobody-subscribes.ts";
import { ownershipRules } from "./ownership.ts";
import { pairCoveredTwice } from "./pair-covered-twice.ts";
import { permissionQuery } from "./permission-query.ts";
import { plainHttp } from "./plain-http.ts";
import { plainSecret } from "./plain-secret.ts";
import { playgroundInProduction } from "./playground-in-production.ts";
import { portClash } from "./port-clash.ts";
import { probeMismatch } from "./probe-mismatch.ts";
import { queryParameter } from "./query-parameter.ts";
import { queryNotJudged, querySyntax } from "./query-syntax.ts";
import { quotedField } from "./quoted-field.ts";
import { readingRules } from "./reading.ts";
import { redundantQuery } from "./redundant-query.ts";
import { releaseUnsaid } from "./release-unsaid.ts";
import { renderingRules } from "./rendering.ts";
import { replicationForm } from "./replication-form.ts";
import { replicationPaused } from "./replication-paused.ts";
import { replicationPerSpoke } from "./replication-per-spoke.ts";
import type { Rule } from "./rule.ts";
import { sameClusterTwice } from "./same-cluster-twice.ts";
import { selfReplication } from "./self-replication.ts";
import { sharedHost } from "./shared-host.ts";
import { specOverridden } from "./spec-overridden.ts";
import { textForValue } from "./text-for-value.ts";
import { tombstonesKept } from "./tombstones-kept.ts";
import { trustBundle } from "./trust-bundle.ts";
import { trustIssuer } from "./trust-issuer.ts";
import { twoInitiators } from "./two-initiators.ts";
import { unboundInTime } from "./unbound-in-time.ts";
import { unfilledPlaceholder } from "./unfilled-placeholder.ts";
import { unknownCollection } from "./unknown-collection.ts";
import { unknownReference } from "./unknown-reference.ts";
import { unreachablePair } from "./unreachable-pair.ts";
import { unsharedApp } from "./unshared-app.ts";
import { unusedCluster } from "./unused-cluster.ts";
import { unusedConfirmation } from "./unused-confirmation.ts";
import { unusedController } from "./unused-controller.ts";
import { unusedIngress } from "./unused-ingress.ts";
import { unusedPeer } from "./unused-peer.ts";
import { unusedPort } from "./unused-port.ts";
import { unusedTrustSecret } from "./unused-trust-secret.ts";
import { wildcardWithoutLike } from "./wildcard-without-like.ts";

/** Every rule, in the order in which docs/rules.md lists them. */
export const rules: readonly Rule[] = [
  unknownReference,
  nameNotDns,
  nameTooLong,
  foldedName,
  ambiguousName,
  sameClusterTwice,
  appIdReused,
  appNotServed,
  replicationForm,
  selfReplication,
  nobodySubscribes,
  appNotConnected,
  unsharedApp,
  flowsBack,
  pairCoveredTwice,
  twoInitiators,
  everythingEverywhere,
  unknownCollection,
  collectionPattern,
  querySyntax,
  queryNotJudged,
  queryParameter,
  unfilledPlaceholder,
  comparesFields,
  quotedField,
  doubleQuotedText,
  doubleQuotedField,
  comparesWithNull,
  emptyList,
  neverTrue,
  alwaysTrue,
  contradictoryQuery,
  emptyRange,
  andBeforeOr,
  likeWithoutWildcard,
  wildcardWithoutLike,
  textForValue,
  mixedIssuers,
  mixedTypes,
  caseDiffers,
  impossibleDate,
  blankInText,
  emptyText,
  redundantQuery,
  doubleEquals,
  unboundInTime,
  failoverStandby,
  failedOver,
  replicationPaused,
  evictsUndelivered,
  probeMismatch,
  unreachablePair,
  dialOverruled,
  closedWithIngress,
  controllerTwice,
  ingressHost,
  sharedHost,
  replicationPerSpoke,
  listenerLimitRule,
  portClash,
  gatewayListeners,
  unusedPort,
  unusedIngress,
  unusedController,
  unusedCluster,
  unusedPeer,
  unusedConfirmation,
  emptyWave,
  bigPeerVersion,
  releaseUnsaid,
  trustBundle,
  unusedTrustSecret,
  trustIssuer,
  tombstonesKept,
  mixedVersions,
  specOverridden,
  playgroundInProduction,
  everythingInProduction,
  permissionQuery,
  plainHttp,
  plainSecret,
];

/** All rules for a file: those that apply while it is read, then the others. Each has a bad and a good example under test/. */
export const fileRules: readonly RuleDescription[] = [...readingRules, ...rules];

/** Every rule that a finding's `rule` can name. */
export const allRules: readonly RuleDescription[] = [...fileRules, ...ownershipRules, ...liveRules, ...renderingRules];
