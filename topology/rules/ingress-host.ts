import { ingressHosts } from "../file/ingress-hosts.ts";
import type { Path } from "../findings/finding.ts";
import type { Rule, Violation } from "./rule.ts";

/** Checks the host that other clusters dial. */
export const ingressHost: Rule = {
  id: "ingress-host",
  severity: "error",
  summary:
    "The host under which targets are exposed is not a bare name or address, or only means something inside the cluster.",
  why: "other clusters dial it with the port appended, so they would dial nothing, or themselves",
  source: "guide: a connection is `host:port`, as seen from the initiator",
  ignorable: false,
  *check({ topology }) {
    for (const { path, host } of ingressHosts(topology)) yield* checkHost(host.replace(/\{\w+\}/g, "x"), path);
  },
};

/** Near enough, and node:net would be loaded for this alone. */
const ipv6 = /^(?:[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*|\[[0-9a-f:.]+\])$/i;

function* checkHost(host: string, path: Path): Iterable<Violation> {
  if (isInside(host)) {
    yield { path, what: `"${host}" means something else, or nothing, in another cluster`, fix: elsewhere };
  } else if (!isBare(host)) {
    const bare = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/:\s]+)(?::\d+)?(?:\/.*)?$/i.exec(host)?.[1];
    const usable = bare !== undefined && isBare(bare);
    const fix = !usable ? "write a name such as bp.east.example.com" : isInside(bare) ? elsewhere : `write ${bare}`;
    yield { path, what: `"${host}" is not a bare host name or address`, fix };
  }
}

const elsewhere = "write the name or address under which other clusters reach it, or leave `host` out";

function isInside(host: string): boolean {
  return /^(localhost|0\.0\.0\.0)$/i.test(host) || /\.(svc|cluster\.local)\.?$/i.test(host);
}

function isBare(host: string): boolean {
  return ipv6.test(host) || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?$/i.test(host);
}
