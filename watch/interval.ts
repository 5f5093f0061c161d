const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration as Prometheus writes it, such as `30s`, `5m` or `1h30m`, in seconds; undefined: it is none, or zero. */
export function secondsIn(text: string): number | undefined {
  if (!/^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([dhms])/g)];
  const seconds = parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (secondsOf[unit] ?? 0), 0);
  // A timer of Node.js counts milliseconds in 31 bits.
  return seconds > 0 && seconds <= 2_000_000 ? seconds : undefined;
}
