import type { Tape } from "./tape.ts";

/** Values that programs trip over. */
const strangeValues: readonly [unknown, ...unknown[]] = [
  null,
  undefined,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  Number.MAX_SAFE_INTEGER,
  "",
  " ",
  "\n",
  "\u0000",
  "a",
  "true",
  "1",
  "65536",
  "4040-4039",
  "0-99999",
  "constructor",
  "__proto__",
  "../../etc/passwd",
  "a".repeat(64),
  "é\u0301\u202e",
  "\ud800",
  "$(id)",
  "-----BEGIN CERTIFICATE-----",
  "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----",
  "-----BEGIN PRIVATE KEY-----\nbm90aGluZw==\n-----END PRIVATE KEY-----",
  [],
  [[]],
  [null],
  {},
  { a: { b: [null] } },
];

const strangeKeys: readonly [string, ...string[]] = [
  "constructor",
  "__proto__",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  "1",
  "a.b",
  "a/b",
  "é",
  "x".repeat(300),
  "$schema",
  "<<",
  "null",
];

/** A copy with so many places changed: taken away, put elsewhere, renamed, wrapped, or made something strange. */
export function mutated(tape: Tape, value: unknown, changes: number): unknown {
  const root = { value: copied(value) };
  for (let change = 0; change < changes; change++) {
    const places = placesIn(root);
    const { holder, key } = places[tape.below(places.length)] ?? { holder: root, key: "value" };
    const other = places[tape.below(places.length)];
    const inner: unknown = Reflect.get(holder, key);
    switch (tape.below(8)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else Reflect.deleteProperty(holder, key);
        break;
      case 1:
        set(holder, key, other && copied(Reflect.get(other.holder, other.key)));
        break;
      case 2:
        set(holder, Array.isArray(holder) ? String(holder.length) : tape.pick(strangeKeys), inner);
        break;
      case 3:
        if (Array.isArray(holder)) holder.push(copied(inner));
        else {
          Reflect.deleteProperty(holder, key);
          set(holder, tape.pick(strangeKeys), inner);
        }
        break;
      case 4:
        set(holder, key, tape.chance(2) ? [inner] : { [tape.pick(strangeKeys)]: inner });
        break;
      case 5:
        set(holder, key, deep(tape, 1 + tape.below(120)));
        break;
      default:
        set(holder, key, copied(tape.pick(strangeValues)));
    }
  }
  return root.value;
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesIn(root: object): Place[] {
  const found: Place[] = [];
  const visit = (holder: object) => {
    for (const [key, inner] of Object.entries(holder)) {
      found.push({ holder, key });
      if (typeof inner === "object" && inner !== null) visit(inner);
    }
  };
  visit(root);
  return found;
}

/** Also where the key is `__proto__`. */
function set(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function deep(tape: Tape, levels: number): unknown {
  const inList = tape.chance(2);
  return Array.from({ length: levels }).reduce<unknown>((inner) => (inList ? [inner] : { a: inner }), "bottom");
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null) return value;
  const copy = {};
  for (const [key, inner] of Object.entries(value)) set(copy, key, copied(inner));
  return copy;
}
