import fc from "fast-check";

/** Random bytes that are read as choices. At its end every choice is the first, so a shorter tape is a simpler input. */
export class Tape {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    const byte = () => this.#bytes[this.#at++] ?? 0;
    return (limit <= 256 ? byte() : byte() * 256 + byte()) % Math.max(1, limit);
  }

  /** True once in `often` times. */
  chance(often: number): boolean {
    return this.below(often) === often - 1;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** Between `least` and `most` different ones of a list, in any order. */
  some<T>(list: readonly T[], least: number, most: number): T[] {
    const left = [...list];
    const count = Math.min(left.length, least + this.below(most - least + 1));
    return Array.from({ length: count }, () => left.splice(this.below(left.length), 1)).flat();
  }
}

export const tapes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 16, maxLength: 400, size: "max" });
