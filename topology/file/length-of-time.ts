const units = { d: 24 * 60 * 60 * 1000, h: 60 * 60 * 1000 } as const;

/** A length of time as the topology has it: a whole number of days or hours, such as `90d` or `36h`. */
export const lengthOfTime = /^(\d{1,6})(d|h)$/;

/** @throws Error for a text of another form, which the schema refuses */
export function millisecondsOf(text: string): number {
  const [, count, unit] = lengthOfTime.exec(text) ?? [];
  if (unit !== "d" && unit !== "h") throw new Error(`${text} is not a length of time`);
  return Number(count) * units[unit];
}
