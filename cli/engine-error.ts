/** What went wrong in a run of the engine, in its own words. Automation API wraps them in an account of the command. */
export function engineError(error: unknown, diagnostics: readonly string[]): string {
  if (diagnostics.length > 0) return diagnostics.join("\n");
  const message = error instanceof Error ? error.message : String(error);
  if (/\bpulumi ENOENT\b/.test(message))
    return "there is no `pulumi` on PATH: install Pulumi 3.250 or newer (https://www.pulumi.com/docs/install)";
  const said = / stderr: ([\s\S]*?)\n err\?:/.exec(message)?.[1]?.trim();
  return said || message;
}
