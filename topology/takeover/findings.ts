import { isDeepStrictEqual } from "node:util";
import { Finding, type Path } from "../findings/finding.ts";
import { kubectlAt } from "../objects/kubectl.ts";
import type { Plan } from "../plan/plan.ts";
import { live as rules } from "../rules/live.ts";
import type { ExistingObject } from "./existing-object.ts";
import { DeploymentValue, type OverwrittenField, overwrittenFields, shownOverwritten } from "./overwritten-fields.ts";
import type { WrittenObject } from "./written-objects.ts";

/**
 * The finding on an object that exists already and that the stack does not have. There is none if this program has made it before and
 * nothing in it would change: then the state was lost, or the update that made it was killed.
 */
export function takeoverFinding(
  plan: Plan,
  cluster: string,
  written: WrittenObject,
  existing: ExistingObject,
): Finding[] {
  const changes = written.manifests.flatMap((manifest) => {
    const { apiVersion: _, kind: __, metadata, ...fields } = manifest;
    const declared = { metadata: { labels: otherLabels(metadata.labels, existing) }, ...fields };
    // A value that this program has made before is taken for the same again.
    const found = overwrittenFields(declared, existing.fields).filter(
      (field) =>
        !(existing.ours && field.after instanceof DeploymentValue && !isAppId(plan, field.path)) &&
        !isReordered(plan, field),
    );
    const texts = shownOverwritten(found, declared, existing.fields);
    return found.map((field, index) => ({ field, text: texts[index] ?? "" }));
  });
  if (existing.ours && changes.length === 0) return [];
  const obstacle = obstacleOf(
    { plan, cluster },
    written,
    existing,
    changes.map(({ field }) => field),
  );
  const adopted = isAdopted(plan, written);
  const refused = plan.environment !== "development" && (!adopted || obstacle !== undefined);
  const { path, value } = adoption(plan, written);
  const what =
    `${written.key} in cluster "${cluster}" exists already${madeBy(existing)}, and ` +
    `${refused ? "an" : "this"} update would take it over${adopted ? ", as the file says," : ""} and change ${
      changes.length === 0 ? "nothing in it" : `in it: ${changes.map(({ text }) => text).join("; ")}`
    }`;
  const adopt = `write \`adopt: ${value}\` in ${path.join(".")}`;
  const otherwise = existing.ours
    ? `if another stack deploys it, take it out of one of the two; if the state that had it is gone, ${adopt}`
    : `to keep a value, write it in the file; to have this topology own the object, ${adopt}; otherwise give yours another name or namespace`;
  const fix =
    obstacle ?? (adopted ? "check that each change is intended, and remove `adopt` after the update" : otherwise);
  return [
    new Finding(refused ? rules.notAdopted : rules.takenOver, {
      path: adopted ? [...path, "adopt"] : path,
      what,
      fix,
    }),
  ];
}

/** Entries that say `adopt`, and whose objects the stack has by now.
 * @param written by cluster, of those clusters that can be judged */
export function adoptedFindings(
  plan: Plan,
  written: ReadonlyMap<string, readonly WrittenObject[]>,
  has: (cluster: string, key: string) => boolean,
): Finding[] {
  const all = [...written].flatMap(([cluster, objects]) =>
    objects
      .filter((object) => isAdopted(plan, object))
      .map((object) => ({ path: adoption(plan, object).path.join("\0"), has: has(cluster, object.key) })),
  );
  return [...Map.groupBy(all, ({ path }) => path)].flatMap(([path, objects]) => {
    if (objects.some((object) => !object.has)) return [];
    const place = path.split("\0");
    const what = `the stack already has everything of ${place.join(".")}`;
    return [new Finding(rules.adopted, { path: [...place, "adopt"], what, fix: "take `adopt` out" })];
  });
}

/** The entry of the file that says whether an object is adopted, and the value that adopts it alone. */
function adoption(plan: Plan, { source, name }: WrittenObject): { path: readonly string[]; value: string } {
  const path = source.map(String);
  const peer = peerOf(plan, source, name);
  return { path, value: peer === undefined ? "true" : `[${peer}]` };
}

function isAdopted(plan: Plan, { source, name }: WrittenObject): boolean {
  const [section, entry = ""] = source.map(String);
  if (section === "peers") return plan.peers.get(entry)?.settings.adopt === true;
  const adopt = section === "apps" ? plan.apps.get(entry)?.adopt : plan.replications.get(entry)?.adopt;
  if (adopt === true) return true;
  const peer = peerOf(plan, source, name);
  return peer !== undefined && (adopt ?? []).includes(peer);
}

/** The peer of an app's or a replication's object; undefined: it is a peer's own. */
function peerOf(plan: Plan, source: Path, name: string): string | undefined {
  const [section, entry = ""] = source.map(String);
  const objects = section === "apps" ? plan.apps.get(entry)?.objects : plan.replications.get(entry)?.sides;
  return objects?.find((object) => object.name === name)?.peer;
}

/** The obstacle that keeps an object from being taken over, whatever the file says, with what to do instead. */
function obstacleOf(
  { plan, cluster }: { readonly plan: Plan; readonly cluster: string },
  { kind, namespace, name, source, manifests: [manifest] }: WrittenObject,
  { fields }: ExistingObject,
  changes: readonly OverwrittenField[],
): string | undefined {
  if (kind === "Secret" && (fields.immutable === true || fields.type !== manifest?.type)) {
    const reason =
      fields.immutable === true ? "it is immutable" : `its type ${fields.type} cannot become ${manifest?.type}`;
    return `${reason}: check that nobody needs it, and delete it (\`${kubectlAt(plan.clusters.get(cluster)?.context)} -n ${namespace} delete secret ${name}\`); the update recreates it`;
  }
  const app = String(source[1]);
  const id = changes.find(({ path, before }) => before !== undefined && isAppId(plan, path));
  if (source[0] !== "apps" || !id || plan.allowReplace.has(`apps.${app}`)) return undefined;
  return `write \`id: ${id.before}\` in apps.${app}: under another ID the app has none of its documents; if they are not needed, add \`allowReplace: [apps.${app}]\``;
}

/** The list of trusted CAs is a set: in another order it trusts the same. */
function isReordered({ operator }: Plan, { path, before, after }: OverwrittenField): boolean {
  if (path.join(".") !== operator.fields.bigPeer.trustedCas || !Array.isArray(before) || !Array.isArray(after))
    return false;
  const sorted = (list: readonly unknown[]) => list.map((each) => JSON.stringify(each)).sort();
  return isDeepStrictEqual(sorted(before), sorted(after));
}

function isAppId({ operator }: Plan, path: readonly string[]): boolean {
  return path.join(".") === operator.fields.app.appId;
}

function madeBy({ created, managers, ours }: ExistingObject): string {
  const by = managers.length === 0 ? "" : ` by ${managers.join(", ")}`;
  const at = created === undefined ? "" : ` at ${created}`;
  const program = ours ? " (by this program, in another stack or with a state that is gone)" : "";
  return by === "" && at === "" ? "" : `, made${by}${at}${program}`;
}

/** A label that nobody has set takes nothing from anybody. */
function otherLabels(labels: Readonly<Record<string, unknown>> | undefined, { fields }: ExistingObject) {
  const { metadata } = fields;
  const live = typeof metadata === "object" && metadata !== null && "labels" in metadata ? metadata.labels : undefined;
  const has = (name: string) => typeof live === "object" && live !== null && Object.hasOwn(live, name);
  return Object.fromEntries(
    Object.entries(labels ?? {}).filter(([name]) => has(name) || name !== "app.kubernetes.io/managed-by"),
  );
}
