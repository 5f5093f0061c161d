import { z } from "zod";
import { advised } from "./advised.ts";

/** `host:port`, an IPv6 address in brackets. */
export const hostAndPort = advised(z.string(), (text) => splitAddress(text) !== undefined, {
  what: "is not an address such as bp2.west.example.com:4040",
  why: "it is what the initiator dials",
  fix: "write host and port: bp2.west.example.com:4040, or [2001:db8::1]:4040",
});

/** The two parts of `host:port`; undefined where a text has another form. */
export function splitAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):(\d{1,5})$/.exec(text);
  const [, host, port] = match ?? [];
  if (host === undefined || port === undefined || Number(port) < 1 || Number(port) > 65535) return undefined;
  return { host, port: Number(port) };
}
