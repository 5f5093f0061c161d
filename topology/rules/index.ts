import { ambiguousName } from "./ambiguous-name.ts";
import { appIdReused } from "./app-id-reused.ts";
import { appNotServed } from "./app-not-served.ts";
import { nameNotDns } from "./name-not-dns.ts";
import { nameTooLong } from "./name-too-long.ts";
import { nobodySubscribes } from "./nobody-subscribes.ts";
import { portClash } from "./port-clash.ts";
import { replicationForm } from "./replication-form.ts";
import type { Rule } from "./rule.ts";
import { selfReplication } from "./self-replication.ts";
import { unknownReference } from "./unknown-reference.ts";
import { unreachablePair } from "./unreachable-pair.ts";

/** Every rule, in the order in which docs/rules.md lists them. */
export const rules: readonly Rule[] = [
  unknownReference,
  nameNotDns,
  nameTooLong,
  ambiguousName,
  appIdReused,
  appNotServed,
  replicationForm,
  selfReplication,
  nobodySubscribes,
  unreachablePair,
  portClash,
];
