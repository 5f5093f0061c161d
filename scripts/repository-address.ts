/**
 * Before a release: whether both packages name the repository from which they are published. npm shows the provenance of a package, and takes it at all,
 * only if `repository` in its package.json is the address of the repository whose workflow publishes it (npm: "Generating provenance statements").
 * Needs nothing but Node.js, since the release asks before it installs anything.
 */
import { readFileSync } from "node:fs";

/** What is wrong with `repository` in a package.json; undefined if it is the address.
 * @param file as a person finds it, such as `lab/package.json`
 * @param address such as https://github.com/acme/bigpeer-topology */
function repositoryProblem(file: string, manifest: unknown, address: string): string | undefined {
  const written = `"repository": { "type": "git", "url": "git+${address}.git" }`;
  const given = addressIn(manifest);
  if (given === undefined)
    return `${file} has no \`repository\`, and npm refuses the provenance of a package that does not name the repository it comes from. Write ${written}`;
  const named = given.replace(/^git\+/, "").replace(/\.git$/, "");
  if (named === address) return undefined;
  return `${file} names ${given} as its \`repository\`, but this release comes from ${address}, so npm refuses its provenance. Write ${written}`;
}

function addressIn(manifest: unknown): string | undefined {
  const repository = memberOf(manifest, "repository");
  const url = typeof repository === "string" ? repository : memberOf(repository, "url");
  return typeof url === "string" && url !== "" ? url : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

if (import.meta.main) {
  const [, , address = ""] = process.argv;
  const problems = ["package.json", "lab/package.json"].flatMap(
    (file) => repositoryProblem(file, JSON.parse(readFileSync(file, "utf8")), address) ?? [],
  );
  for (const problem of problems) console.error(`error: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
