/**
 * Loads Pulumi's SDK without TypeScript's parser, with which it serialises functions. This program has no such functions, and the parser is
 * two fifths of the work of loading it. Whoever serialises a function all the same loads it then.
 */
const { readFileSync } = require("node:fs");
const { registerHooks } = require("node:module");
const { fileURLToPath } = require("node:url");

const unused = /\/node_modules\/@pulumi\/pulumi\/typescript-shim\.js$/;

/** A CommonJS module that runs when something of it is asked for. */
function lazy(source) {
  return `let loaded;
module.exports = new Proxy({}, {
  get: (_, name) => name === "__esModule" || (loaded ??= load({ exports: {} }))[name],
});
function load(module) {
  const { exports } = module;
  ${source}
  return module.exports;
}`;
}

// Older Node has no such hooks, and loads everything.
const hooks = registerHooks?.({
  load: (url, context, next) =>
    unused.test(url)
      ? { format: "commonjs", shortCircuit: true, source: lazy(readFileSync(fileURLToPath(url), "utf8")) }
      : next(url, context),
});
try {
  require("@pulumi/pulumi");
} finally {
  hooks?.deregister();
}
