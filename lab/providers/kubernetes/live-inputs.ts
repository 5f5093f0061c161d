import { isBag, type PropertyBag, type PropertyValue } from "../property-values.ts";

/** The inputs that would make the live object: the fields of the last inputs with the values that they have now. */
export function inputsFromLive(before: PropertyBag, live: PropertyBag): PropertyBag {
  if (Object.keys(before).length === 0) {
    const { status: _, ...rest } = withoutManagedFields(live);
    return rest;
  }
  const entries = Object.entries(before).flatMap(([key, value]) => {
    // Written as stringData, read as data.
    if (key === "stringData") return [[key, value]];
    const now = live[key];
    return now === undefined ? [] : [[key, current(value, now)]];
  });
  return Object.fromEntries(entries);
}

function current(before: PropertyValue, live: PropertyValue): PropertyValue {
  if (isBag(before) && isBag(live)) return Object.keys(before).length === 0 ? {} : inputsFromLive(before, live);
  if (!Array.isArray(before) || !Array.isArray(live)) return live;
  // Of a list that others add to, only our own items count; items are known by their name or port, as in Kubernetes' list maps.
  return before.flatMap((item, index) => {
    const now = sameItem(item, live) ?? live[index];
    return now === undefined ? [] : [current(item, now)];
  });
}

function sameItem(item: PropertyValue, live: readonly PropertyValue[]): PropertyValue | undefined {
  if (!isBag(item)) return live.find((each) => each === item);
  const key = ["name", "port", "type"].find((candidate) => item[candidate] !== undefined);
  return key === undefined ? undefined : live.filter(isBag).find((each) => each[key] === item[key]);
}

export function withoutManagedFields(live: PropertyBag): PropertyBag {
  if (!isBag(live.metadata)) return live;
  const { managedFields: _, ...metadata } = live.metadata;
  return { ...live, metadata };
}
