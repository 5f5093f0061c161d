/** A number as Kubernetes writes one, kept exact: `digits` times ten to the `tens`, times two to the `twos`. */
interface Quantity {
  readonly digits: bigint;
  readonly tens: number;
  readonly twos: number;
}

const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/**
 * Compares two Kubernetes quantities whatever their units: `1Gi`, `1024Mi` and `1073741824` are equal, `1G` is less.
 * @returns below zero: the first is smaller; above: it is larger; undefined: one of them is no quantity
 * Source: Kubernetes' apimachinery, pkg/api/resource, the serialization format of Quantity
 */
export function compareQuantities(one: string, other: string): number | undefined {
  const [a, b] = [parse(one), parse(other)];
  if (!a || !b) return undefined;
  const tens = Math.min(a.tens, b.tens);
  const [x, y] = [whole(a, tens), whole(b, tens)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function parse(text: string): Quantity | undefined {
  const match = /^\+?(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  const [, whole = "", fraction = "", unit = "", exponent = "0"] = match ?? [];
  if (!match || whole + fraction === "") return undefined;
  const power = unit.endsWith("i") ? 0 : 3 * (decimal.indexOf(unit) - decimal.indexOf(""));
  const twos = unit.endsWith("i") ? 10 * binary.indexOf(unit) : 0;
  return { digits: BigInt(whole + fraction), tens: Number(exponent) + power - fraction.length, twos };
}

/** As a count of the smallest unit that two quantities have. */
function whole({ digits, tens, twos }: Quantity, least: number): bigint {
  return digits * 2n ** BigInt(twos) * 10n ** BigInt(tens - least);
}
