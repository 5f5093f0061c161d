import type { ElkExtendedEdge } from "elkjs/lib/elk-api.js";
import { arrowLines } from "./labels.ts";
import type { Arrow, Drawing } from "./model.ts";
import { labelSize, lineHeight, textWidth } from "./text-width.ts";

/** A line before it is laid out. */
export interface PlannedEdge {
  readonly edge: ElkExtendedEdge;
  /** True if the edge leads from the end that is dialled: what all peers of a mesh share is beside them, and not between them. */
  readonly reversed: boolean;
  readonly line: {
    /** The arrows that run along it: one, or all that share the way from a port to its peer. */
    readonly arrows: readonly Arrow[];
    /** True if the end that dials is one of its ends. */
    readonly dialler: boolean;
    /** True if data comes out at its first point, and at its last. */
    readonly headAtStart: boolean;
    readonly headAtEnd: boolean;
    /** The lines of its label. */
    readonly lines: readonly string[];
  };
}

/** A line for each arrow, and one from each port to its peer. */
export function edgesOf({ clusters }: Drawing, arrows: readonly Arrow[]): PlannedEdge[] {
  const ports = new Set(clusters.flatMap((cluster) => cluster.ports.map(({ id }) => id)));
  const through = new Map<string, Arrow[]>();
  const outer = arrows.map((arrow, index): PlannedEdge => {
    const { from, to, both, dialler, port, queries, bundle } = arrow;
    const [dialling, dialled] = dialler === "from" ? [from, to] : [to, from];
    const exposed = port !== undefined && ports.has(port) ? port : undefined;
    if (exposed !== undefined) through.set(exposed, [...(through.get(exposed) ?? []), arrow]);
    const lines = arrowLines(arrow);
    const target = exposed === undefined ? dialled : portId(exposed);
    const headAtStart = queries.length > 0 && (both || dialler === "to");
    const headAtEnd = queries.length > 0 && (both || dialler === "from") && exposed === undefined;
    const reversed = bundle && dialler === "to";
    return {
      edge: { ...edgeOf(`e${index}`, dialling, target, reversed), ...labelled(`l${index}`, lines) },
      reversed,
      line: { arrows: [arrow], dialler: dialling !== to || !bundle, headAtStart, headAtEnd, lines },
    };
  });
  const inner = [...through].map(([port, shared], index): PlannedEdge => {
    const [first] = shared;
    const dialled = first?.dialler === "from" ? first.to : (first?.from ?? "");
    const headAtEnd = shared.some(({ both, dialler, queries }) => queries.length > 0 && (both || dialler === "from"));
    const reversed = first?.bundle ?? false;
    return {
      edge: edgeOf(`p${index}`, portId(port), dialled, reversed),
      reversed,
      line: { arrows: shared, dialler: false, headAtStart: false, headAtEnd, lines: [] },
    };
  });
  return [...outer, ...inner];
}

function edgeOf(id: string, source: string, target: string, reversed: boolean): ElkExtendedEdge {
  return reversed ? { id, sources: [target], targets: [source] } : { id, sources: [source], targets: [target] };
}

function labelled(id: string, lines: readonly string[]): Pick<ElkExtendedEdge, "labels"> {
  return lines.length === 0 ? {} : { labels: [labelOf(id, lines)] };
}

function labelOf(id: string, lines: readonly string[]) {
  const width = Math.max(...lines.map((text) => textWidth(text, labelSize))) + 12;
  return { id, text: lines.join("\n"), width, height: lines.length * lineHeight + 6 };
}

/** The number of lines that end at the left or the right side of a node, whichever has more. */
export function crowd({ id }: { readonly id: string }, edges: readonly PlannedEdge[]): number {
  const ends = (at: "sources" | "targets") => edges.filter(({ edge }) => edge[at].includes(id)).length;
  return Math.max(ends("sources"), ends("targets"));
}

/** The ID of a port's node. */
export function portId(id: string): string {
  return `port ${id}`;
}
