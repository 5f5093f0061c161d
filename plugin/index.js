// The entry of Pulumi's plugin runner, which loads it by `require`: no top-level `await`, and no TypeScript at this place.
import { existsSync } from "node:fs";

// An installed package has no sources beside it.
const host = existsSync(new URL("./host.ts", import.meta.url)) ? "./host.ts" : "../dist/plugin/host.js";
import(host).then(({ serve }) => serve(import.meta.dirname));
