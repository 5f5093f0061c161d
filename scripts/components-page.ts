import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const folder = join(import.meta.dirname, "../components");

const introduction = `# Components

\`BigPeerTopology\` deploys a whole topology from a program. The topology is a file, or an object that can contain values of other resources
([examples/topology-object](../examples/topology-object/index.ts)). The object has the keys of the [topology file](topology.md), and an editor shows the
meaning of each.

The other components are the parts of a topology, for programs without one. Components accept other components as arguments, so you never type a name, an
address or a port that another component already knows: \`BigPeerApp\` and \`CaTrust\` accept a \`BigPeer\`; a \`Replication\` accepts apps, and exposes the
\`targets\` that others dial; an exposure accepts targets, and returns their addresses. To use what another stack has created, read its exports with
\`peerOf\`, \`appIdOf\` and \`exposedBy\`; \`exportedTopology\` generates these exports. A component uses the provider of its Big Peer, unless you pass
\`{ provider }\`. Each component exposes its resources as \`nodes\`, and accepts a \`transform\`, which changes its objects as the last step before they are
written. A value of another resource (an \`Input\`) is accepted wherever the value does not determine which resources are created. Without a topology,
nothing checks whether a port is free, or who owns an object that already exists.

| example | what it shows |
| --- | --- |
| [components](../examples/components/index.ts) | blue cars that flow both ways between two clusters |
| [one-way](../examples/one-way/index.ts) | one direction, with a Service for the target only |
| [hub-and-edges](../examples/hub-and-edges/index.ts) | a hub that every edge dials |
| [two-stacks](../examples/two-stacks/east/index.ts) | one stack for each cluster; the stacks read each other's exports |
| [topology-object](../examples/topology-object/index.ts) | a topology that contains values of other resources |

Generated from the comments in components/ by \`npm run generate\`.`;

/** The documentation of a member of a class or an interface. */
interface Member {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly text: string;
  readonly byDefault: string;
}

/** The text of docs/components.md.
 * @throws Error if something that users see is not documented */
export function componentsPage(): string {
  const files = readdirSync(folder).filter(
    (name) => name.endsWith(".ts") && !/^topology-.*-args|^topology-args|^topology-values/.test(name),
  );
  const sources = files.map((name) =>
    ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), ts.ScriptTarget.Latest, true),
  );
  const index = readFileSync(join(folder, "index.ts"), "utf8");
  const exported = (name: string) => new RegExp(`\\b${name}\\b`).test(index);
  const parts = sources.flatMap((source) => {
    const classes = source.statements.filter(ts.isClassDeclaration).filter(({ name }) => name && exported(name.text));
    const interfaces = source.statements.filter(ts.isInterfaceDeclaration).filter(({ name }) => exported(name.text));
    const functions = source.statements
      .filter(ts.isFunctionDeclaration)
      .filter(({ name }) => name && exported(name.text));
    return [
      ...classes.map((each) => classSection(each, source)),
      ...functions.map((each) => `## ${each.name?.text}\n\n${documentation(each).text}`),
      ...interfaces.map((each) => table(`### ${each.name.text}`, each.members.filter(ts.isPropertySignature), source)),
    ].filter((part) => part !== "");
  });
  return `${[introduction, ...parts].join("\n\n")}\n`;
}

function classSection(declaration: ts.ClassDeclaration, source: ts.SourceFile): string {
  const { text, example } = documentation(declaration);
  const outputs = declaration.members
    .filter(ts.isPropertyDeclaration)
    .filter(({ name }) => !ts.isPrivateIdentifier(name));
  return [
    `## ${declaration.name?.text}`,
    text,
    `\`\`\`ts\n${example}\n\`\`\``,
    table("Outputs:", outputs, source),
  ].join("\n\n");
}

function table(
  title: string,
  members: readonly (ts.PropertySignature | ts.PropertyDeclaration)[],
  source: ts.SourceFile,
): string {
  if (members.length === 0) return "";
  const rows = members
    .map((each) => member(each, source))
    .map(
      ({ name, type, optional, text, byDefault }) =>
        `| \`${name}${optional ? "?" : ""}\` | \`${type}\` | ${text}${byDefault === "" ? "" : ` Default: ${byDefault}.`} |`,
    );
  return [title, "", "| name | type | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function member(node: ts.PropertySignature | ts.PropertyDeclaration, source: ts.SourceFile): Member {
  const name = node.name.getText(source);
  const { text, byDefault } = documentation(node);
  if (text === "" && byDefault === "") throw new Error(`${source.fileName}: ${name} is not documented`);
  const type = (node.type?.getText(source) ?? "")
    .replace(/\/\*\*.*?\*\//gs, "")
    .replace(/\s+/g, " ")
    .replace(/ \| undefined$|^\| /g, "");
  return { name, type: type.replaceAll("|", "\\|"), optional: node.questionToken !== undefined, text, byDefault };
}

function documentation(node: ts.Node): { text: string; example: string; byDefault: string } {
  const tags = ts.getJSDocTags(node);
  const tag = (name: string) =>
    ts.getTextOfJSDocComment(tags.find(({ tagName }) => tagName.text === name)?.comment)?.trim() ?? "";
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(doc?.comment)?.replace(/\s+/g, " ").trim() ?? "";
  return { text: text.replaceAll("|", "\\|"), example: tag("example"), byDefault: tag("default") };
}
