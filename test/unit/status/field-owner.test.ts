import { describe, expect, test } from "vitest";
import { fieldOwner } from "../../../status/field-owner.ts";

const object = {
  metadata: {
    managedFields: [
      {
        manager: "pulumi-kubernetes-1f2e",
        time: "2026-11-26T10:00:00Z",
        fieldsV1: { "f:spec": { "f:connections": {}, "f:queries": { "f:cars": {} } } },
      },
      {
        manager: "kubectl-edit",
        time: "2026-11-26T11:00:00Z",
        fieldsV1: { "f:spec": { "f:queries": { "f:cars": {} } } },
      },
      {
        manager: "helm",
        fieldsV1: { "f:spec": { "f:ports": { 'k:{"name":"web"}': { ".": {}, "f:port": {} } } } },
      },
    ],
  },
};

describe("who owns a field", () => {
  test.each([
    ["spec.queries.cars[0]", "kubectl-edit"],
    ["spec.queries.cars", "kubectl-edit"],
    ["spec.connections[1]", "pulumi-kubernetes-1f2e"],
    ["spec.ports[web].port", "helm"],
  ])("%s: who wrote it last", (path, manager) => {
    expect(fieldOwner(object, path)?.manager).toBe(manager);
  });

  test.each(["spec.ports[other].port", "metadata.labels.x", "spec.queries.trucks"])("%s: nobody", (path) => {
    expect(fieldOwner(object, path)).toBeUndefined();
  });

  test("nobody is known where the object does not say", () => {
    expect(fieldOwner({ spec: {} }, "spec")).toBeUndefined();
  });
});
