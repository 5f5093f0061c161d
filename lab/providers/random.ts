/**
 * A stand-in of Pulumi's random provider, whose module no registry serves: RandomUuid and RandomPassword, drawn once and then kept. It shows that
 * the program draws a value once and keeps it; whether the real provider upgrades its own state is beyond it.
 */
import "../../speed/load-pulumi.cjs";
import { randomInt, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { main } from "@pulumi/pulumi/provider/server.js";
import { z } from "zod";

/** The inputs of a RandomPassword that the program sets. Others are refused: the real provider would obey them, and this one would not. */
const passwordInputs = z.strictObject({ length: z.int().min(1), special: z.literal(false) });
const letters = "abcdefghijklmnopqrstuvwxyz";
const alphabet = `${letters}${letters.toUpperCase()}0123456789`;

interface Kind {
  readonly inputs: z.ZodType;
  readonly draw: (inputs: unknown) => { readonly id: string; readonly result: string };
}

const kinds: Readonly<Record<string, Kind>> = {
  "random:index/randomUuid:RandomUuid": {
    inputs: z.strictObject({}),
    draw: () => {
      const result = randomUUID();
      return { id: result, result };
    },
  },
  "random:index/randomPassword:RandomPassword": {
    inputs: passwordInputs,
    draw: (inputs) => {
      const { length } = passwordInputs.parse(inputs);
      return { id: "none", result: Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("") };
    },
  },
};

/** urn:pulumi:<stack>::<project>::<parent types>$<type>::<name> */
function kindOf(urn: string): Kind {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const kind = kinds[type];
  if (!kind) throw new Error(`the stand-in of the random provider has no resource ${type}`);
  return kind;
}

/** The engine ends its providers, unless it is killed itself: then nobody would. */
function endWithEngine(args: readonly string[]): void {
  const [, host, port] = args.map((each) => /^(.+):(\d+)$/.exec(each)).find((match) => match !== null) ?? [];
  if (host === undefined) return;
  const watch = () => {
    let reached = false;
    connect({ host, port: Number(port) })
      .on("connect", () => {
        reached = true;
      })
      .on("error", () => {})
      // The engine closes what says nothing for two minutes; only where nobody answers any more it has ended.
      .on("close", () => (reached ? watch() : process.exit(0)))
      .resume();
  };
  watch();
}

// A diagnostic report of Node would hold the passphrase of the state.
process.report.excludeEnv = true;
const args = process.argv.slice(2);
await main(
  {
    version: "4.21.2",
    async check(urn, _olds, news) {
      const checked = kindOf(urn).inputs.safeParse(news);
      const failures = checked.error?.issues.map(({ path, message }) => ({
        property: path.join("."),
        reason: message,
      }));
      return { inputs: news, ...(failures ? { failures } : {}) };
    },
    /** Any change draws anew. */
    async diff(_id, _urn, olds, news) {
      const { result: _, ...inputs } = olds;
      const keys = Object.keys({ ...inputs, ...news }).filter((key) => inputs[key] !== news[key]);
      return { changes: keys.length > 0, replaces: keys };
    },
    async create(urn, inputs) {
      const { id, result } = kindOf(urn).draw(inputs);
      return { id, outs: { ...inputs, result } };
    },
    async read(id, _urn, props) {
      return { id, props };
    },
    async delete() {},
  },
  args,
);
endWithEngine(args);
