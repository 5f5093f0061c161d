/**
 * What a failed command of the engine says, without the rest of what it printed: the Automation API puts both its streams and its own
 * call stack into the message.
 */
export function engineError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/spawn pulumi ENOENT/.test(message)) return "there is no `pulumi` on PATH (3.250 or newer)";
  const [printed = ""] = message.split(/^\s*err\?:/m);
  const [, said] = /^\s*error: ([\s\S]*)$/m.exec(printed) ?? [];
  return (said ?? message).trim();
}
