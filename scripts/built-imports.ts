import { posix } from "node:path";

/** A package that is built from a folder of this project. */
export interface BuiltPackage {
  readonly name: string;
  /** Where its sources are; "" for the project itself. The first package whose folder holds a file has it. */
  readonly folder: string;
}

/** A relative path in an import, a re-export, an import type or a `require`. */
const specifier = /(\bfrom |\bimport |\bimport\(|\brequire\()"(\.\.?\/[^"]+)"/g;

/**
 * The text of a built file with its imports as an installed package needs them: a file of another package is named by that package, and
 * TypeScript's own extension, which the compiler leaves in declarations, is JavaScript's.
 * @param file its path from the project's folder
 */
export function withPackageNames(text: string, file: string, packages: readonly BuiltPackage[]): string {
  const own = packageOf(file, packages);
  // A shell script names the program that it starts.
  if (!/\.(js|cjs|ts)$/.test(file)) return text.replaceAll(".ts", ".js");
  const located = text.replace(/(new URL\("[^"]+)\.ts"/g, '$1.js"');
  return located.replace(specifier, (_, before: string, path: string) => {
    const target = posix.join(posix.dirname(file), path.replace(/\.ts$/, ".js"));
    const other = packageOf(target, packages);
    if (other === own) return `${before}"${path.replace(/\.ts$/, ".js")}"`;
    return `${before}"${other?.name}/internal/${posix.relative(other?.folder ?? "", target)}"`;
  });
}

function packageOf(file: string, packages: readonly BuiltPackage[]): BuiltPackage | undefined {
  return packages.find(({ folder }) => folder === "" || file.startsWith(`${folder}/`));
}
