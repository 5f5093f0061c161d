import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createCa, issueLeaf, type KeyPair } from "../../lab/operator/authority.ts";
import { certificatesIn } from "../../trust/certificates.ts";
import {
  type FormerAuthority,
  formerAuthorities,
  keptAuthorities,
  rotationUnderWay,
  type Shown,
} from "../../trust/former-authorities.ts";
import { shownOf } from "../../trust/shown-by-peer.ts";

const dayMs = 24 * 60 * 60 * 1000;
const start = Date.parse("2026-11-26T00:00:00Z");
let authorities: readonly KeyPair[];
let leaves: readonly X509Certificate[];
beforeAll(async () => {
  authorities = await Promise.all(Array.from({ length: 6 }, () => createCa("bp2 CA")));
  leaves = await Promise.all(
    authorities.map(async (ca) => new X509Certificate((await issueLeaf(ca, "bp2")).certificate)),
  );
});
const pemOf = (index: number) => `${authorities[index]?.certificate.trim()}\n`;
const leafOf = (index: number) => leaves[index] as X509Certificate;
const unseen: Shown = { unknown: "nobody has looked" };

/** What happens to a peer over the years: a step each day. */
type Step =
  /** Its CA is renewed; its certificate is not. */
  | "renewed"
  /** Its certificate is issued anew. */
  | "issued"
  /** An update of the stack, from where the peer can be looked at. */
  | "update"
  /** An update of the stack, from where it cannot. */
  | "blind update"
  | "nothing";

const steps = fc.array(
  fc.constantFrom<Step>("renewed", "issued", "update", "blind update", "update", "blind update", "nothing"),
  { maxLength: 60 },
);

/** Lives through some days, and tells after each update what is trusted and what the peer shows. */
function live(days: readonly Step[], limitMs: number | undefined) {
  let [ca, leaf] = [0, 0];
  let trusted: { current: string; former: FormerAuthority[] } = { current: pemOf(0), former: [] };
  return days.flatMap((step, index) => {
    const now = new Date(start + index * dayMs);
    if (step === "renewed") ca = Math.min(ca + 1, authorities.length - 1);
    if (step === "issued") leaf = ca;
    if (step !== "update" && step !== "blind update") return [];
    const current = pemOf(ca);
    const before = [trusted.current, ...trusted.former.map(({ certificate }) => certificate)].join("");
    const former = formerAuthorities(current, trusted.former, before, now);
    const known = certificatesIn([current, ...former.map(({ certificate }) => certificate)].join(""));
    const shown = step === "update" ? shownOf({ chains: [[leafOf(leaf)]] }, known) : unseen;
    const kept = keptAuthorities({ current, former, shown, now, limitMs });
    trusted = { current, former: kept };
    return [{ index, step, ca, leaf, now, kept, shown, all: [current, ...kept.map(({ certificate }) => certificate)] }];
  });
}

/** Whether the peer's certificate was issued by a CA that the stack has ever read: between two updates it may have had one that nobody saw. */
const wasSeen = (updates: ReturnType<typeof live>, at: number, leaf: number) =>
  leaf === 0 || updates.slice(0, at + 1).some(({ ca }) => ca === leaf);

describe("former CAs of a peer", () => {
  test("are kept as long as it shows a certificate of one, whatever the order of events", () => {
    fc.assert(
      fc.property(steps, (days) => {
        const updates = live(days, undefined);
        for (const [at, { leaf, all }] of updates.entries())
          if (wasSeen(updates, at, leaf)) expect(all).toContain(pemOf(leaf));
      }),
    );
  });

  test("are none once it shows a certificate of the CA that it has, and that has been seen", () => {
    fc.assert(
      fc.property(steps, (days) => {
        for (const { step, ca, leaf, kept } of live(days, undefined))
          if (step === "update" && ca === leaf) expect(kept).toEqual([]);
      }),
    );
  });

  test("change nothing from one update to the next while nothing happens", () => {
    fc.assert(
      fc.property(steps, (days) => {
        const updates = live([...days, "update", "update"], undefined);
        const [one, other] = updates.slice(-2);
        expect(other?.all).toEqual(one?.all);
        expect(other?.kept).toEqual(one?.kept);
      }),
    );
  });

  test("are kept for as long as the limit says, and no longer", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 30 }), (days, limit) => {
        for (const { kept, now } of live(days, limit * dayMs))
          for (const { since } of kept) expect(now.getTime() - Date.parse(since)).toBeLessThan(limit * dayMs);
      }),
    );
  });

  test("are trusted behind the one that it has, never twice, and never without an end that is said", () => {
    fc.assert(
      fc.property(steps, (days) => {
        for (const { ca, all, kept, shown, now } of live(days, undefined)) {
          expect(all[0]).toBe(pemOf(ca));
          expect(new Set(all).size).toBe(all.length);
          const said = rotationUnderWay("bp2", kept, { shown, limitMs: undefined });
          expect(said).toHaveLength(kept.length === 0 ? 0 : 1);
          for (const { until } of said) expect(Date.parse(until)).toBeGreaterThan(now.getTime());
        }
      }),
    );
  });

  test("of two rotations: the older one goes when the peer shows a certificate of the one in the middle", () => {
    const former = [1, 0].map((index) => ({
      certificate: pemOf(index),
      since: new Date(start + index * dayMs).toISOString(),
    }));
    const known = certificatesIn([2, 1, 0].map(pemOf).join(""));
    const kept = (index: number) =>
      keptAuthorities({
        ...{ current: pemOf(2), former, now: new Date(start + 3 * dayMs), limitMs: undefined },
        shown: shownOf({ chains: [[leafOf(index)]] }, known),
      }).map(({ certificate }) => certificate);
    expect(kept(0)).toEqual([pemOf(1), pemOf(0)]);
    expect(kept(1)).toEqual([pemOf(1)]);
    expect(kept(2)).toEqual([]);
  });

  test("end when they expire, since nobody takes a certificate of an expired CA", () => {
    const former = [{ certificate: pemOf(0), since: new Date(start).toISOString() }];
    const expiry = new X509Certificate(pemOf(0)).validTo;
    const kept = (ms: number) =>
      keptAuthorities({
        ...{ current: pemOf(1), former, shown: unseen, limitMs: undefined },
        now: new Date(Date.parse(expiry) + ms),
      });
    expect(kept(-dayMs)).toEqual(former);
    expect(kept(0)).toEqual([]);
  });

  test("stay when the peer shows a certificate of a CA that nobody knows", () => {
    const known = certificatesIn([1, 0].map(pemOf).join(""));
    const shown = shownOf({ chains: [[leafOf(1)], [leafOf(5)]] }, known);
    expect(shown).toEqual({ unknown: "it shows a certificate that neither its new CA nor a former one has signed" });
    const former = [{ certificate: pemOf(0), since: new Date(start).toISOString() }];
    expect(keptAuthorities({ current: pemOf(1), former, shown, now: new Date(start), limitMs: undefined })).toEqual(
      former,
    );
  });

  test("are none where the CA only gets another certificate beside it", () => {
    const bundle = `${pemOf(0)}${pemOf(5)}`;
    expect(formerAuthorities(bundle, [], pemOf(0), new Date(start))).toEqual([]);
  });
});
