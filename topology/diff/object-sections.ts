import { type Item, line, type Section } from "../../report/sections.ts";
import { count, names, patchWords } from "../../report/words.ts";
import { inFamilies, valuesOf } from "./families.ts";
import { fieldLines } from "./field-lines.ts";
import type { TopologyDiff } from "./schema.ts";

const actionMark = { create: "+", delete: "-", change: "!", replace: "!" } as const;

type ObjectChange = TopologyDiff["objects"][number];

/** What changes in the same way in several clusters, once; and then what else changes in each. */
export function objectSections({ objects }: TopologyDiff): Section[] {
  const alike = alikeInClusters(objects);
  const joined = new Set(alike.flat());
  return [...alikeSection(alike), ...sectionsOfClusters(objects.filter((change) => !joined.has(change)))];
}

/** The families of objects that are in more than one cluster. One that moves is told in both of its clusters. */
function alikeInClusters(objects: readonly ObjectChange[]): ObjectChange[][] {
  const families = inFamilies(
    objects.filter(({ from }) => from === undefined),
    changeText,
  );
  return families.filter((family) => family.length > 1 && new Set(family.map(({ cluster }) => cluster)).size > 1);
}

function alikeSection(families: readonly (readonly ObjectChange[])[]): Section[] {
  const changes = families.flat();
  if (changes.length === 0) return [];
  const clusters = new Set(changes.map(({ cluster }) => cluster));
  const title = `Objects in ${clusters.size} clusters: ${countsOf(changes).join(", ")}`;
  return [{ title, size: changes.length, items: families.flatMap(familyItem) }];
}

function countsOf(changes: readonly ObjectChange[]): string[] {
  const counts = (["create", "change", "replace", "delete"] as const).flatMap((action) => {
    const n = changes.filter((change) => change.action === action && change.role === "object").length;
    return n === 0 ? [] : [`${n} to ${action}`];
  });
  const patched = changes.filter(({ role }) => role !== "object").length;
  return patched === 0 ? counts : [...counts, `${patched} to patch`];
}

function sectionsOfClusters(objects: readonly ObjectChange[]): Section[] {
  const clusters = new Set(objects.flatMap(({ cluster, from }) => [cluster, from?.cluster ?? cluster]));
  return [...clusters].map((cluster) => {
    const changes = objects.filter((change) => change.cluster === cluster);
    const leaving = objects.filter(({ from, ...change }) => from?.cluster === cluster && change.cluster !== cluster);
    const gone = leaving.filter(({ role }) => role === "object");
    const counts = [...countsOf(changes), ...(gone.length > 0 ? [`${gone.length} to recreate elsewhere`] : [])];
    return {
      title: `Objects in ${cluster}: ${counts.join(", ")}`,
      size: changes.length + gone.length,
      items: [...objectItems(changes), ...gone.map(leavingItem)],
    };
  });
}

/** Objects of one kind that change in the same way are one item. */
function objectItems(changes: TopologyDiff["objects"]): Item[] {
  const alike = Map.groupBy(changes, ({ action, apiVersion, kind, namespace, role, from, fields }) =>
    from === undefined ? JSON.stringify([action, apiVersion, kind, namespace, role, fields]) : from,
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const [head, ...rest] = objectItem(first).lines;
    if (group.length === 1 || !head) return [{ lines: [...(head ? [head] : []), ...rest] }];
    const { action, role, kind, namespace } = first;
    const verb = role === "patch" ? patchWords[action] : action;
    const text = `${verb} ${count(group.length, kind)} in ${namespace}: ${names(group.map(({ name }) => name))}`;
    return [{ lines: [{ ...head, text }, ...rest] }];
  });
}

/** An object that is recreated in another cluster: its line in the cluster where it was. */
function leavingItem({ kind, namespace, name, cluster, from }: TopologyDiff["objects"][number]): Item {
  return { lines: [line("-", `delete ${kind} ${from?.namespace}/${name}, recreated in ${cluster}/${namespace}`)] };
}

/** The objects of many clusters in one section: those that change in the same way, but for the values of sites, are one item. */
export function joinedObjects({ objects }: TopologyDiff): Section {
  const clusters = new Set(objects.map(({ cluster }) => cluster));
  const items = inFamilies(objects, changeText).flatMap(familyItem);
  const leaving = objects.filter(({ from, cluster, role }) => from && from.cluster !== cluster && role === "object");
  const title = `Objects in ${clusters.size} clusters: ${objects.length} changes`;
  return { title, items: [...items, ...leaving.map(leavingItem)] };
}

function changeText({ action, kind, role, from, fields }: ObjectChange): string {
  return JSON.stringify([action, kind, role, from === undefined, fields]);
}

/** Objects that change in the same way, but for the values of sites; with their clusters. */
function familyItem(family: readonly ObjectChange[]): Item[] {
  const [first] = family;
  if (!first) return [];
  const [head, ...rest] = objectItem(first).lines;
  if (family.length === 1)
    return [{ lines: [...(head ? [{ ...head, text: `${first.cluster}: ${head.text}` }] : []), ...rest] }];
  const { action, kind, role } = first;
  const verb = role === "patch" ? patchWords[action] : action;
  const differ = new Set(family.map(changeText)).size > 1 ? valuesOf(first.name) : "";
  const text = `${verb} ${count(family.length, kind)}${placesOf(family)}${differ}`;
  return [{ lines: [line(actionMark[action], text), ...rest] }];
}

/** The objects by name; where all have the same one, it is said once. */
function placesOf(family: readonly ObjectChange[]): string {
  const place = ({ namespace, name }: ObjectChange) => `${namespace}/${name}`;
  const [only, ...others] = new Set(family.map(place));
  if (others.length === 0) return ` ${only} in ${names(family.map(({ cluster }) => cluster))}`;
  return `: ${names(family.map((change) => `${place(change)} in ${change.cluster}`))}`;
}

function objectItem({ action, kind, namespace, name, role, from, fields }: TopologyDiff["objects"][number]): Item {
  const what = `${role === "patch" ? patchWords[action] : action} ${kind} ${namespace}/${name}`;
  const was = from ? `, before: ${from.cluster}/${from.namespace} (${from.apiVersion})` : "";
  return { lines: [line(actionMark[action], `${what}${was}`), ...fields.flatMap((field) => fieldLines(" ", field))] };
}
