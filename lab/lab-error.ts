/** Something that the person who runs the lab can put right: the message says what, why, and what to do, and is printed without a stack. */
export class LabError extends Error {
  override readonly name = "LabError";
}
