/**
 * Lets the Kubernetes client be loaded without what this program does not use of it: the classes of Kubernetes' own kinds, which convert what is sent
 * and answered, and the requests of each API group. They are 800 of its 900 modules. Each is loaded when the client first needs it.
 */
const { readFileSync } = require("node:fs");
const { registerHooks } = require("node:module");
const { fileURLToPath } = require("node:url");

const generated = "/node_modules/@kubernetes/client-node/dist/gen/";
const loader = 'import { createRequire } from "node:module";\nconst load = createRequire(import.meta.url);\n';

/** By module: what it is instead; undefined where the file is not what this expects, which is then loaded as it is. */
const instead = {
  // What the client exports of them: types alone are imported from it.
  "models/all.js": () => "export {};",
  "models/ObjectSerializer.js": (source) => {
    const [table, entries] = /^let typeMap = \{([^}]*)\};$/m.exec(source) ?? [];
    if (table === undefined) return undefined;
    const getters = entries.replace(/"(\w+)": \w+/g, "get $1() { return load('./$1.js').$1; }");
    const rest = source.replace(/^(?:import \{ \w+ \}|export \*) from '\.\.\/models\/\w+\.js';\n/gm, "");
    return loader + rest.replace(table, `const typeMap = {${getters}};`);
  },
  "types/ObservableAPI.js": (source) =>
    loader +
    source.replace(/^import \{ (\w+), (\w+) \} from "(\.\.\/apis\/\w+\.js)";$/gm, (_, ...[requests, answers, file]) =>
      [requests, answers]
        .map((name) => `function ${name}(...args) { return new (load("${file}").${name})(...args); }`)
        .join("\n"),
    ),
};

// Older Node has no such hooks, and loads everything.
registerHooks?.({
  load: (url, context, next) => {
    const change = instead[url.split(generated)[1]];
    const source = change?.(readFileSync(fileURLToPath(url), "utf8"));
    return source === undefined ? next(url, context) : { format: "module", shortCircuit: true, source };
  },
});
