/**
 * Loads Pulumi's SDK without what a program of this package does not use: TypeScript's parser and npm's names of packages, with which the SDK
 * serialises functions; the Automation API, which runs the CLI; and the exporters of traces, which a run with `--tracing` alone starts. They are
 * most of the work of loading it. Whoever uses one of them all the same loads it then.
 */
const { readFileSync } = require("node:fs");
const { registerHooks } = require("node:module");
const { fileURLToPath } = require("node:url");

const unused =
  /\/node_modules\/(@pulumi\/pulumi\/(typescript-shim|automation\/index)|normalize-package-data\/lib\/normalize)\.js$/;
const tracing = /\/node_modules\/@pulumi\/pulumi\/cmd\/run\/tracing\.js$/;

/** A CommonJS module that runs when something of it is asked for, or when it is called, if it is a function. */
function lazy(source) {
  return `let loaded;
const real = () => (loaded ??= load({ exports: {} }));
module.exports = new Proxy(() => {}, {
  get: (_, name) => (name === "__esModule" ? ${source.includes("__esModule")} : real()[name]),
  apply: (_, self, values) => Reflect.apply(real(), self, values),
  // An ES module that imports this one looks up which names it has.
  ownKeys: () => Reflect.ownKeys(real()),
  getOwnPropertyDescriptor(_, name) {
    const found = Reflect.getOwnPropertyDescriptor(real(), name);
    return found && { ...found, configurable: true };
  },
});
function load(module) {
  const { exports } = module;
  ${source}
  return module.exports;
}`;
}

/** The module that starts traces, with its imports where it starts them. A module with other words stays as it is. */
function startedLater(source) {
  const imports = /^const \{[^}]+\} = require\("@opentelemetry\/[^"]+"\);\n/gm;
  const start = "function start(destinationUrl) {\n";
  if (!source.includes(start)) return source;
  const found = source.match(imports) ?? [];
  return source.replace(imports, "").replace(start, `${start}${found.join("")}`);
}

// Older Node has no such hooks, and loads everything.
const hooks = registerHooks?.({
  load(url, context, next) {
    const change = unused.test(url) ? lazy : tracing.test(url) ? startedLater : undefined;
    if (!change) return next(url, context);
    return { format: "commonjs", shortCircuit: true, source: change(readFileSync(fileURLToPath(url), "utf8")) };
  },
});
try {
  require("@pulumi/pulumi");
  // The runner loads this next, when the hooks are gone.
  require("@pulumi/pulumi/cmd/run/tracing");
} finally {
  hooks?.deregister();
}
