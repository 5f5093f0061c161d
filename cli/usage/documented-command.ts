import { Command } from "commander";

/** A call as a user writes it, and what it is for. */
export type Example = readonly [call: string, purpose: string];

/** What the help of a command says beside its arguments and options. */
export interface Usage {
  /** What it does, in one sentence without a full stop. */
  readonly does: string;
  readonly examples: readonly Example[];
  /** What exit code 0 means. */
  readonly fine: string;
  /** What exit code 1 means; left out where the command never ends with it. */
  readonly findings?: string;
}

/** What exit code 2 means, for every command. */
const unusable = "the command line is wrong, or an input cannot be read";

/** A command whose help ends with examples and exit codes. It throws where commander would end the process. */
export class DocumentedCommand extends Command {
  readonly examples: readonly Example[];
  /** What each exit code means. */
  readonly exitCodes: readonly (readonly [code: number, meaning: string])[];

  constructor(name: string, { does, examples, fine, findings }: Usage) {
    super(name);
    this.examples = examples;
    this.exitCodes = [[0, fine], ...(findings === undefined ? [] : [[1, findings] as const]), [2, unusable]];
    this.description(does).exitOverride();
    this.addHelpText("after", () => `\n${this.#closing()}`);
  }

  #closing(): string {
    const width = Math.max(...this.examples.map(([call]) => call.length));
    return [
      "Examples:",
      ...this.examples.map(([call, purpose]) => `  ${call.padEnd(width)}  # ${purpose}`),
      "",
      "Exit codes:",
      ...this.exitCodes.map(([code, meaning]) => `  ${code}  ${meaning}`),
    ].join("\n");
  }
}
