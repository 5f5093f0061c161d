import { describe, expect, test } from "vitest";
import { withTimes } from "../../lab/gateway/condition-times.ts";
import { type JudgedGateway, judgeListeners } from "../../lab/gateway/listeners.ts";
import {
  type GatewayObjects,
  group,
  readGateway,
  readGrant,
  readListenerSet,
  readRoute,
} from "../../lab/gateway/objects.ts";
import { judgeRoutes } from "../../lab/gateway/routes.ts";
import { gatewayStatus, routeStatus, setStatus } from "../../lab/gateway/statuses.ts";
import type { Condition } from "../../lab/operator/conditions.ts";
import { fieldAt } from "../../topology/value-at.ts";
import { watched } from "./watched-objects.ts";

const place = { address: "127.16.1.32", failures: new Map<number, string>() };
const tcp = (port: number, more: object = {}) => ({ name: `tcp-${port}`, port, protocol: "TCP", ...more });

function gatewayOf(spec: object) {
  const base = { gatewayClassName: "lab", listeners: [tcp(80, { name: "http", protocol: "HTTP" })] };
  return readGateway(watched("shared", { ...base, ...spec }, { namespace: "edge" }));
}

const all = { namespaces: { from: "All" } };
const setOf = (name: string, listeners: object[], namespace = "ditto") =>
  readListenerSet(watched(name, { parentRef: { name: "shared", namespace: "edge" }, listeners }, { namespace }));
const routeOf = (name: string, parentRef: object, backend: object = {}, namespace = "ditto") =>
  readRoute(
    watched(
      name,
      { parentRefs: [parentRef], rules: [{ backendRefs: [{ name: "target", port: 4040, ...backend }] }] },
      { namespace },
    ),
  );

const target = watched("target", { clusterIP: "127.16.8.1", selector: { a: "b" }, ports: [{ port: 4040 }] });
const nothing: GatewayObjects = {
  ...{ classes: [], gateways: [], listenerSets: [], routes: [], grants: [] },
  services: [target],
  namespaces: [
    watched("ditto", {}, { namespace: "", labels: { team: "data" } }),
    watched("shop", {}, { namespace: "", labels: { team: "shop" } }),
  ],
};

function told(conditions: readonly Condition[] | unknown): string[] {
  return Array.isArray(conditions)
    ? conditions.map(({ type, status, reason }: Condition) => `${type}=${status}/${reason}`)
    : [];
}

const setConditions = (judged: JudgedGateway) =>
  judged.sets.map((set) => told(setStatus(set, [], place).status.conditions));

describe("listeners", () => {
  test.each([
    ["no word about ListenerSets", {}, "False/NotAllowed"],
    ["None", { namespaces: { from: "None" } }, "False/NotAllowed"],
    ["Same", { namespaces: { from: "Same" } }, "False/NotAllowed"],
    ["All", all, "True/Accepted"],
    ["a selector", { namespaces: { from: "Selector", selector: { matchLabels: { team: "data" } } } }, "True/Accepted"],
    [
      "another selector",
      {
        namespaces: {
          from: "Selector",
          selector: { matchExpressions: [{ key: "team", operator: "NotIn", values: ["data"] }] },
        },
      },
      "False/NotAllowed",
    ],
  ])("a Gateway with %s judges a ListenerSet of another namespace", (_, allowedListeners, expected) => {
    const gateway = gatewayOf({ allowedListeners });
    const judged = judgeListeners(gateway, { ...nothing, listenerSets: [setOf("set", [tcp(4040)])] });
    expect(setConditions(judged)[0]).toContain(`Accepted=${expected}`);
  });

  test("of two ListenerSets the older one keeps the port, and the Gateway goes before both", () => {
    const [older, younger] = [setOf("z", [tcp(4040), tcp(80)]), setOf("a", [tcp(4040), tcp(4041)])];
    const gateway = gatewayOf({ allowedListeners: all });
    const { sets } = judgeListeners(gateway, { ...nothing, listenerSets: [younger, older] });
    const served = sets.map(({ listeners }) =>
      listeners.filter(({ valid }) => valid).map(({ listener }) => listener.port),
    );
    expect(served).toEqual([[4040], [4041]]);
    const conflicts = sets.flatMap(({ listeners }) => listeners.filter(({ valid }) => !valid));
    for (const { conditions } of conflicts)
      expect(told(conditions)).toEqual(
        expect.arrayContaining(["Conflicted=True/ProtocolConflict", "Programmed=False/Invalid"]),
      );
    expect(conflicts).toHaveLength(2);
  });

  test("a listener for what is not served, or for routes that it cannot take, is refused", () => {
    const kinds = { kinds: [{ kind: "HTTPRoute" }] };
    const gateway = gatewayOf({ listeners: [tcp(53, { protocol: "UDP" }), tcp(4040, { allowedRoutes: kinds })] });
    const judged = judgeListeners(gateway, nothing);
    expect(told(judged.listeners[0]?.conditions)).toContain("Accepted=False/UnsupportedProtocol");
    expect(told(judged.listeners[1]?.conditions)).toContain("ResolvedRefs=False/InvalidRouteKinds");
    expect(told(gatewayStatus(judged, [], place).status.conditions)).toEqual([
      "Accepted=False/ListenersNotValid",
      "Programmed=False/Invalid",
    ]);
  });

  test("a Gateway that asks for an address is refused, and its ListenerSets with it", () => {
    const gateway = gatewayOf({ allowedListeners: all, addresses: [{ value: "192.0.2.1" }] });
    const judged = judgeListeners(gateway, { ...nothing, listenerSets: [setOf("set", [tcp(4040)])] });
    expect(told(gatewayStatus(judged, [], place).status.conditions)[0]).toBe("Accepted=False/UnsupportedAddress");
    expect(setConditions(judged)[0]).toEqual([
      "Accepted=False/ParentNotAccepted",
      "Programmed=False/ParentNotAccepted",
    ]);
  });

  test("a port that cannot be opened is not programmed", () => {
    const judged = judgeListeners(gatewayOf({ allowedListeners: all }), {
      ...nothing,
      listenerSets: [setOf("set", [tcp(4040)])],
    });
    const failing = { ...place, failures: new Map([[4040, "EADDRINUSE"]]) };
    const [set] = judged.sets;
    expect(told(set && setStatus(set, [], failing).status.conditions)).toContain("Programmed=False/PortUnavailable");
  });
});

describe("routes", () => {
  const toSet = { kind: "ListenerSet", name: "set" };
  function judge(routes: ReturnType<typeof routeOf>[], objects: Partial<GatewayObjects> = {}, listener: object = {}) {
    const listenerSets = [setOf("set", [tcp(4040, listener)])];
    const everything = { ...nothing, listenerSets, routes, ...objects };
    const gateway = judgeListeners(gatewayOf({ allowedListeners: all }), everything);
    return judgeRoutes([gateway], everything);
  }
  const first = (judged: ReturnType<typeof judge>) => told(judged.routes[0]?.parents[0]?.conditions);

  test("attach to a listener by its set, its name and its port", () => {
    const judged = judge([routeOf("route", { ...toSet, sectionName: "tcp-4040", port: 4040 })]);
    expect(first(judged)).toEqual(["Accepted=True/Accepted", "ResolvedRefs=True/ResolvedRefs"]);
    expect(judged.attached.map(({ backends }) => backends)).toEqual([
      [{ weight: 1, target: { service: target, port: 4040 } }],
    ]);
  });

  test.each([
    ["the Gateway, which has the port only by a ListenerSet", { name: "shared", namespace: "edge", port: 4040 }],
    ["another name", { ...toSet, sectionName: "other" }],
    ["another port", { ...toSet, port: 4041 }],
  ])("do not attach by %s", (_, parentRef) => {
    const judged = judge([routeOf("route", parentRef)]);
    expect(first(judged)[0]).toBe("Accepted=False/NoMatchingParent");
    expect(judged.attached).toEqual([]);
  });

  test("to somebody else's parent are left to somebody else", () => {
    expect(judge([routeOf("route", { kind: "ListenerSet", name: "other" })]).routes[0]?.parents).toEqual([]);
    expect(judge([routeOf("route", { group: "", kind: "Service", name: "set" })]).routes[0]?.parents).toEqual([]);
  });

  test("of another namespace attach only where the listener takes them", () => {
    const foreign = routeOf("route", { ...toSet, namespace: "ditto" }, { namespace: "ditto" }, "shop");
    expect(first(judge([foreign]))[0]).toBe("Accepted=False/NotAllowedByListeners");
    expect(first(judge([foreign], {}, { allowedRoutes: { namespaces: { from: "All" } } }))[0]).toBe(
      "Accepted=True/Accepted",
    );
  });

  test("of two for one listener the older one is served", () => {
    const [older, younger] = [routeOf("z", toSet), routeOf("a", toSet)];
    const judged = judge([younger, older]);
    expect(judged.attached.map(({ route }) => route)).toEqual([older]);
    const refused = judged.routes.find(({ route }) => route === younger);
    expect(told(refused?.parents[0]?.conditions)[0]).toBe("Accepted=False/UnsupportedValue");
  });

  test.each([
    ["BackendNotFound", { name: "nobody" }],
    ["BackendNotFound", { port: 4041 }],
    ["InvalidKind", { group: "multicluster.x-k8s.io", kind: "ServiceImport" }],
    ["RefNotPermitted", { namespace: "shop" }],
  ])("are told %s for a backend %j, and lead nowhere", (reason, backend) => {
    const judged = judge([routeOf("route", toSet, backend)]);
    expect(first(judged)).toContain(`ResolvedRefs=False/${reason}`);
    expect(judged.attached[0]?.backends).toEqual([{ weight: 1, target: undefined }]);
  });

  test.each([
    ["for all Services", { to: [{ group: "", kind: "Service" }] }, true],
    ["for this Service", { to: [{ group: "", kind: "Service", name: "target" }] }, true],
    ["for another Service", { to: [{ group: "", kind: "Service", name: "other" }] }, false],
    ["for Secrets", { to: [{ group: "", kind: "Secret" }] }, false],
  ])("cross namespaces with a ReferenceGrant %s: %j", (_, to, permitted) => {
    const from = [{ group, kind: "TCPRoute", namespace: "ditto" }];
    const services = [watched("target", { ports: [{ port: 4040 }] }, { namespace: "shop" })];
    const grants = [readGrant(watched("grant", { from, ...to }, { namespace: "shop" }))];
    const judged = judge([routeOf("route", toSet, { namespace: "shop" })], { services, grants });
    expect(first(judged)).toContain(`ResolvedRefs=${permitted ? "True/ResolvedRefs" : "False/RefNotPermitted"}`);
  });

  test("keep what other controllers have written in their status", () => {
    const [judged] = judge([routeOf("route", toSet)]).routes;
    const other = { controllerName: "example.com/other", parentRef: { name: "x" }, conditions: [] };
    const status = judged && routeStatus(judged, [other]).status;
    expect(fieldAt(status, "parents")).toHaveLength(2);
    expect(fieldAt(status, "parents.0")).toEqual(other);
  });
});

describe("times of conditions", () => {
  const wanted = (status: string, reason = "Accepted") => ({
    conditions: [{ type: "Accepted", status, reason, message: "" }],
  });
  const [then, now] = [new Date(0), new Date(1_000)];

  test("change with the status alone, and nothing is written where nothing else changes", () => {
    const before = withTimes({}, wanted("True"), then);
    expect(withTimes(before, wanted("True"), now)).toBeUndefined();
    const reason = withTimes(before, wanted("True", "ListenersNotValid"), now);
    expect(fieldAt(reason, "conditions.0.lastTransitionTime")).toBe(then.toISOString());
    expect(fieldAt(withTimes(before, wanted("False"), now), "conditions.0.lastTransitionTime")).toBe(now.toISOString());
  });
});
