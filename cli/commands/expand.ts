import { stringify } from "yaml";
import { readSource, type Source } from "../../topology/file/source.ts";
import { withExcerpts } from "../../topology/findings/excerpt.ts";
import { formatLocation, formatPath, TopologyError } from "../../topology/findings/finding.ts";
import { secretsOfTopology } from "../../topology/secrets/topology.ts";
import { valueAt } from "../../topology/value-at.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface ExpandOptions {
  readonly stack?: string;
  readonly files?: boolean;
  readonly entry?: string;
  readonly allowPlainSecrets?: boolean;
}

/** `bigpeer expand`: the topology as if everything had been written out. @returns 0
 * @throws TopologyError if it cannot be expanded */
export async function expandCommand(argument: string | undefined, options: ExpandOptions): Promise<number> {
  const file = topologyFile(argument, options.stack);
  const source = readSource(file);
  if (options.files) {
    // What is to be watched is also that of a topology with a mistake in it.
    const names = [...source.parts.map((part) => part.file), ...source.folders];
    process.stdout.write(`${[...new Set(names)].join("\n")}\n`);
    return 0;
  }
  if (source.findings.length > 0) throw new TopologyError(withExcerpts(source, source.findings));
  const withheld = [...secretsOfTopology(source.value)].map(({ path }) => formatPath(path));
  if (withheld.length > 0 && !options.allowPlainSecrets)
    throw new UsageError(
      `${file} contains a secret in plain text (${withheld.join(", ")}), and a log may keep what is printed; --allow-plain-secrets prints it anyway`,
    );
  process.stdout.write(options.entry === undefined ? source.asOneFile() : entryOf(source, options.entry, file));
  return 0;
}

/** One entry as YAML, with the lines that wrote it and its settings in a comment. */
function entryOf(source: Source, written: string, file: string): string {
  const [section = "", ...names] = written.split(".");
  const path = [section, names.join(".")];
  const value = valueAt(source.value, path);
  if (value === undefined)
    throw new UsageError(`${file} has no ${written} when it is written out; name an entry such as peers.bp1`);
  const places = [path, ...Object.keys(Object(value)).map((key) => [...path, key])].map((each) =>
    formatLocation(source.locate(each, "key")),
  );
  const comment = [...new Set(places)].map((place) => `# ${place}\n`).join("");
  return `${comment}${stringify({ [section]: { [names.join(".")]: value } }, { aliasDuplicateObjects: false, lineWidth: 0 })}`;
}
