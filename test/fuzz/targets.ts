import fc from "fast-check";
import { onlyCertificates } from "../../kubernetes/certificates.ts";
import { controllerProblems } from "../../program/controller-problems.ts";
import { editedExposures } from "../../program/edited-exposures.ts";
import { exposedAddress, foreignPorts } from "../../program/live-controllers.ts";
import { losses } from "../../program/losses.ts";
import { readStack } from "../../program/other-stacks.ts";
import { readController } from "../../program/read-controller.ts";
import { exportsInNamesOf, FormerNames } from "../../program/renamed-clusters.ts";
import { deployedObjects } from "../../status/deployed-state.ts";
import { statusOf } from "../../status/report.ts";
import { checkSource } from "../../topology/check.ts";
import { parseSource } from "../../topology/file/source.ts";
import { type Finding, formatFinding } from "../../topology/findings/finding.ts";
import { clusterFindings } from "../../topology/operator/cluster-findings.ts";
import { definitionsOf } from "../../topology/operator/custom-resource-definition.ts";
import { formerAuthorities, keptAuthorities } from "../../trust/former-authorities.ts";
import { planProbes } from "../../verify/probes.ts";
import { type Fuzzed, type FuzzOptions, fuzz, type Target } from "./fuzz.ts";
import * as outside from "./outside.ts";
import { brokenInvariants } from "./plan-invariants.ts";
import { mutated } from "./strange.ts";
import { Tape, tapes } from "./tape.ts";
import { spoilt, texts } from "./texts.ts";

/** The text of a topology file: judged without a crash, and planned without a fault. */
const topologyText: Target<string> = {
  name: "topology",
  inputs: texts,
  holds: (text) => {
    const { plan, findings } = checkSource(parseSource("topology.yaml", text));
    readable(findings, text.split("\n").length);
    const refused = findings.some(({ severity }) => severity === "error");
    must(refused === (plan === undefined), "it is refused without an error, or planned in spite of one");
    if (!plan) return;
    const broken = brokenInvariants(plan);
    must(broken.length === 0, broken.join("\n"));
    planProbes(plan);
  },
};

/** The outputs of another stack: read as what a stack tells, or refused with a reason. */
const stackOutputs: Target<unknown> = {
  name: "stack-outputs",
  inputs: spoiltOf(outside.stackOutputs),
  holds: async (outputs) => {
    const stack = await readStack("organization/bigpeer-topology/dev-west", async () =>
      isRecord(outputs) ? outputs : {},
    );
    if (!stack.exports) {
      must(stack.reason.length > 0 && stack.next.length > 0, "it is refused without a reason");
      return;
    }
    const { plan } = outside;
    const { exports, tokens } = { ...stack, exports: exportsInNamesOf(plan, stack.exports) };
    for (const former of new FormerNames(plan, stack.exports).clusters.values())
      for (const id of [...Object.keys(exports.exposures), ...Object.keys(exports.dialled)])
        must(!id.startsWith(`${former}/`), `an exposure is called ${JSON.stringify(id)}, and the cluster otherwise`);
    readable(losses(plan, new Set(plan.clusters.keys()), exports));
    for (const { name } of plan.peers.values()) {
      const current = exports.peers[name]?.caCertificate;
      const before = exports.trusted[name];
      for (const pem of [current, before])
        must(pem === undefined || typeof pem === "string", "a certificate is no text");
      if (current === undefined) continue;
      const now = new Date();
      const former = formerAuthorities(current, exports.former?.[name] ?? [], before, now);
      const kept = keptAuthorities({ current, former, shown: { unknown: "" }, now, limitMs: undefined });
      const trusted = [current, ...kept.map(({ certificate }) => certificate)].join("");
      must(!/PRIVATE KEY/.test(trusted), "a private key is trusted");
      onlyCertificates(trusted, { namespace: "ditto", secret: "trusted", key: "ca.crt" });
    }
    for (const app of [...plan.apps.keys(), "constructor"]) {
      const token: unknown = tokens[app];
      must(token === undefined || typeof token === "string", "a token is no text");
    }
    for (const address of [...Object.values(exports.exposures), ...Object.values(exports.dialled)])
      must(/^(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):[0-9]{1,5}$/.test(address), `nobody can dial ${JSON.stringify(address)}`);
  },
};

/** An ingress controller's live objects. */
const controllers: Target<unknown> = {
  name: "controllers",
  inputs: spoiltOf(outside.controllerObjects),
  holds: async (objects) => {
    const { plan } = outside;
    for (const exposure of plan.exposures) {
      const ingress = plan.clusters.get(exposure.cluster)?.ingresses.get(exposure.ingress);
      if (!ingress) throw new Error(`${exposure.id} has no ingress`);
      const live = await readController(ingress, async (kind) => (isRecord(objects) ? objects[kind] : undefined)).catch(
        (error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          must(/^(Service|Deployment|ConfigMap) [\w-]+\/[\w-]+ [^\n]+$/.test(message), `it is refused by: ${message}`);
          return undefined;
        },
      );
      if (!live) continue;
      readable(foreignPorts(plan, [exposure], ingress, live));
      readable(editedExposures([exposure], { cluster: exposure.cluster, ingress, live }));
      for (const { reason, next } of controllerProblems(ingress, live, [exposure], "kubectl"))
        must(
          [reason, next].every((text) => text.length > 0),
          "something is pending without a reason",
        );
      exposedAddress(ingress, live, exposure.port);
    }
  },
};

/** Custom resource definitions and the version of a cluster. */
const clusterDefinitions: Target<unknown> = {
  name: "definitions",
  inputs: spoiltOf({ version: "v1.36.3", items: outside.definitions }),
  holds: (cluster) => {
    const { version, items } = isRecord(cluster) ? cluster : {};
    const definitions = definitionsOf(Array.isArray(items) ? items : []);
    for (const name of outside.plan.clusters.keys())
      readable(
        clusterFindings(outside.plan, name, { version: typeof version === "string" ? version : "", definitions }),
      );
  },
};

/** A stack's exported state and the live objects, as `status` reads them. */
const observed: Target<unknown> = {
  name: "status",
  inputs: spoiltOf({ state: outside.exportedState, live: outside.liveObjects }),
  holds: (seen) => {
    const { state, live } = isRecord(seen) ? seen : {};
    const deployed = deployedObjects(state, outside.plan);
    let index = 0;
    const rows = statusOf(outside.plan, {
      deployed: ({ kind, name }) => ({
        object: deployed.find(({ ref }) => ref.kind === kind && ref.name === name)?.object,
      }),
      leftovers: () => [],
      live: () => ({ object: Array.isArray(live) ? live[index++] : live }),
      caExpiry: new Map(),
    });
    must(rows.length > 0, "nothing has a row");
    JSON.stringify(rows);
  },
};

/** The value of a CA Secret: certificates and nothing else, or a refusal that names the Secret. */
const secrets: Target<string> = {
  name: "secrets",
  inputs: tapes.map((bytes) => {
    const tape = new Tape(bytes);
    const parts = [outside.certificate, outside.privateKey, outside.certificate.replaceAll("\n", "\r\n")];
    return spoilt(tape, tape.some(parts, 1, 3).join(tape.pick(["", "\n", "junk"])), parts);
  }),
  holds: (pem) => {
    const place = { namespace: "ditto", secret: "ditto-bp1-ca", key: "tls.crt" };
    let found: string;
    try {
      found = onlyCertificates(pem, place);
    } catch (error) {
      must(error instanceof Error && error.message.startsWith("Secret ditto/ditto-bp1-ca, key tls.crt"), String(error));
      return;
    }
    must(!/PRIVATE KEY/.test(found), "a private key is taken for a certificate");
    must(onlyCertificates(found, place) === found, "what is left is read otherwise");
  },
};

/** A target whose type of input does not matter any more. */
export interface NamedTarget {
  readonly name: string;
  readonly run: (options: FuzzOptions) => Promise<Fuzzed>;
  /** The input of a seed that has this number, from 0. */
  readonly input: (seed: number, number: number) => unknown;
}

export const targets: readonly NamedTarget[] = [
  named(topologyText),
  ...[stackOutputs, controllers, clusterDefinitions, observed].map(named),
  named(secrets),
];

function named<T>(target: Target<T>): NamedTarget {
  return {
    name: target.name,
    run: (options) => fuzz(target, options),
    input: (seed, number) => fc.sample(target.inputs, { seed, numRuns: number + 1 })[number],
  };
}

function spoiltOf(value: unknown): fc.Arbitrary<unknown> {
  return tapes.map((bytes) => {
    const tape = new Tape(bytes);
    return mutated(tape, value, 1 + tape.below(4));
  });
}

function readable(findings: readonly Finding[], lines?: number): void {
  for (const finding of findings) {
    formatFinding(finding);
    const { rule, what, why, fix, location } = finding;
    must(
      [rule, what, why, fix].every((text) => text.trim() !== ""),
      `a finding says nothing: ${JSON.stringify(finding)}`,
    );
    const { line = 0, column = 0 } = location ?? {};
    const there = line >= 1 && line <= (lines ?? 0) && column >= 1;
    must(lines === undefined || there, `a finding is nowhere: ${JSON.stringify(finding)}`);
  }
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
