/** A topology of test/bad/ as its author would have written it: without the marks that say what should be found. */
export function withoutMarks(text: string): string {
  return text.replace(/^# expect: .*\n/gm, "").replace(/ # expect: .*$/gm, "");
}
