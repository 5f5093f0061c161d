/**
 * A `pulumi` on PATH that notes how it was called, and says what a test has it say. In the last release from which the Automation API reads
 * the events in a file.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const script = (directory: string) => `#!/bin/sh
if [ "$1" = version ]; then echo "\${PULUMI_VERSION_SAID:-v3.205.0}"; exit 0; fi
echo "$@" >> '${directory}/calls'
log=
for each in "$@"; do
  if [ "$log" = next ]; then log=$each; fi
  if [ "$each" = --event-log ]; then log=next; fi
done
if [ -n "$log" ]; then cat '${directory}/events' > "$log"; fi
cat '${directory}/stdout'
cat '${directory}/stderr' >&2
exit "$(cat '${directory}/code')"
`;

export interface Said {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** The engine's events, which the Automation API reads. */
  readonly events?: readonly unknown[];
}

export interface PulumiStandIn {
  /** With nothing else on it but what a shell script needs. */
  readonly path: string;
  says(said: Said): void;
  /** The arguments of each call, other than those for its version. */
  calls(): readonly string[];
}

export function pulumiStandIn(directory: string): PulumiStandIn {
  mkdirSync(join(directory, "bin"), { recursive: true });
  const program = join(directory, "bin", "pulumi");
  writeFileSync(program, script(directory));
  chmodSync(program, 0o755);
  const standIn: PulumiStandIn = {
    path: `${join(directory, "bin")}:/usr/bin:/bin`,
    says({ stdout = "", stderr = "", code = 0, events = [] }) {
      const texts = {
        stdout,
        stderr,
        code: String(code),
        events: events.map((each) => `${JSON.stringify(each)}\n`).join(""),
      };
      for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text);
      writeFileSync(join(directory, "calls"), "");
    },
    calls: () =>
      existsSync(join(directory, "calls")) ? readFileSync(join(directory, "calls"), "utf8").trim().split("\n") : [],
  };
  standIn.says({});
  return standIn;
}
