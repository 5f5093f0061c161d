/**
 * Makes stack traces cheap. Pulumi's runtime takes one for each promise, several for each resource, and keeps them as text.
 */
// `source-map-support`, which the runtime loads, maps each of them back to TypeScript. Node strips types in place, so there is nothing to map.
Reflect.deleteProperty(Error, "prepareStackTrace");
// The first frames say where.
Error.stackTraceLimit = 4;
