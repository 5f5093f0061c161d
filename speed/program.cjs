require("./preload.cjs");

// Pulumi's runner loads `source-map-support`, after the preload, which would map each stack trace back to TypeScript. Node.js strips types in place, so
// there is nothing to map.
Reflect.deleteProperty(Error, "prepareStackTrace");
