import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

const versions = z.record(z.string(), z.string()).default({});
const manifest = z.object({ name: z.string(), dependencies: versions, peerDependencies: versions });

/** The imports of an installed package that lead nowhere: to a file that it does not have, or to a package that it does not name. */
export function brokenImports(folder: string): string[] {
  const { name, dependencies, peerDependencies } = manifest.parse(
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  );
  const named = new Set([name, ...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  return readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(js|cjs|d\.ts)$/.test(file))
    .flatMap((file) => {
      const path = join(folder, "dist", file);
      // What stands in a comment is an example.
      const text = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      return [
        ...text.matchAll(
          /(?:^(?:import|export)\b[^;\n"]*? from |^import |\bimport\(|^[^"'`\n]*\brequire\()"([^"]+)"/gm,
        ),
      ]
        .map(([, to = ""]) => to)
        .filter((to) => !leadsSomewhere(path, to, named))
        .map((to) => `${file}: ${to}`);
    });
}

function leadsSomewhere(path: string, to: string, named: ReadonlySet<string>): boolean {
  if (isBuiltin(to)) return true;
  if (!to.startsWith(".")) return named.has(to.split("/", to.startsWith("@") ? 2 : 1).join("/"));
  const target = join(dirname(path), to);
  return path.endsWith(".d.ts") ? existsSync(target.replace(/\.js$/, ".d.ts")) : existsSync(target);
}
