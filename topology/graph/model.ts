import type { Form } from "../plan/forms.ts";
import type { Plan, PlannedExposure, PlannedSide } from "../plan/plan.ts";
import { shareOf } from "../plan/share.ts";
import { regionOf } from "./regions.ts";

/** A topology as a drawing, before its layout: clusters as boxes, the peers in them, and arrows between peers. */
export interface Drawing {
  readonly clusters: readonly DrawnCluster[];
  /** Meshes that are drawn as one bundle. */
  readonly meshes: readonly DrawnMesh[];
  readonly arrows: readonly Arrow[];
  /** Names of the apps, in the order of their colours. */
  readonly apps: readonly string[];
}

/** The mark that a comparison gives to an element; undefined if both sides are the same, or nothing was compared. */
export type Mark = "added" | "removed" | "changed";

export interface DrawnCluster {
  readonly id: string;
  readonly label: string;
  /** The box around it, such as `region europe`: the label by which clusters are grouped, and its value. */
  readonly region: string | undefined;
  /** The number of clusters for which the box stands. */
  readonly count: number;
  /** True if nobody can dial in. */
  readonly closed: boolean;
  readonly peers: readonly DrawnPeer[];
  readonly ports: readonly DrawnPort[];
  readonly mark: Mark | undefined;
}

export interface DrawnPeer {
  /** `<cluster>/<peer>`: a peer that moved is drawn in both places. */
  readonly id: string;
  readonly label: string;
  /** The peers that it stands for. */
  readonly names: readonly string[];
  /** A second line: the version. */
  readonly detail: string;
  readonly mark: Mark | undefined;
}

/** A port at the border of a cluster, through which a peer is reached from outside. */
export interface DrawnPort {
  readonly id: string;
  readonly label: string;
  readonly mark: Mark | undefined;
}

/** A mesh as one node, to which each of its peers has an arrow. */
export interface DrawnMesh {
  /** The ID to which arrows lead. */
  readonly id: string;
  readonly replication: string;
  readonly app: string;
  readonly queries: readonly string[];
  /** The number of its peers, and of the links among them. */
  readonly peers: number;
  readonly links: number;
  /** The region in which all of its peers are. */
  readonly region: string | undefined;
  readonly mark: Mark | undefined;
}

/** Documents that flow between two peers in one replication. */
export interface Arrow {
  readonly id: string;
  readonly form: Form;
  /** The number of links for which it stands. */
  readonly links: number;
  /** True if the arrow is one peer's part of a mesh: `to` is then the ID of the mesh. */
  readonly bundle: boolean;
  /** True if the connection exists before and after a change, and the change breaks it. */
  readonly breaks: boolean;
  /** ID of the peer that the documents come from. */
  readonly from: string;
  readonly to: string;
  /** True if the same documents flow the other way, too. */
  readonly both: boolean;
  readonly dialler: "from" | "to";
  /** ID of the peer that dialled before, if a comparison reverses the connection. */
  readonly dialledBefore: string | undefined;
  readonly replication: string;
  readonly app: string;
  /** `collection: query`; empty: a connection without data. */
  readonly queries: readonly string[];
  /** ID of the port that it goes through, if the two peers are in different clusters. */
  readonly port: string | undefined;
  /** True while nothing flows intentionally. */
  readonly paused: boolean;
  readonly mark: Mark | undefined;
}

/**
 * Draws a plan with everything in it, without drawing several peers or links as one.
 * @param groupBy the label by whose values clusters are put into boxes; undefined: no boxes are drawn
 */
export function drawingOf(plan: Plan, groupBy?: string): Drawing {
  const clusters = [...plan.clusters.values()].map(({ name, closed }): DrawnCluster => {
    const { peers, exposures: ports } = shareOf(plan, name);
    return {
      id: name,
      label: name,
      region: regionOf(plan, name, groupBy),
      count: 1,
      closed,
      peers: peers.map(({ name: peer, settings }) => ({
        id: `${name}/${peer}`,
        label: peer,
        names: [peer],
        detail: settings.version,
        mark: undefined,
      })),
      ports: ports.map((exposure) => ({ id: exposure.id, label: portLabel(exposure), mark: undefined })),
      mark: undefined,
    };
  });
  return { clusters, meshes: [], arrows: arrowsOf(plan), apps: [...plan.apps.keys()] };
}

/** `:4040`, and by what it is exposed, where that is not ingress-nginx. */
function portLabel({ port, way }: PlannedExposure): string {
  const by = {
    ingressNginx: "",
    address: "address",
    loadBalancer: "LB",
    nodePort: "node",
    gateway: "Gateway",
    transportServer: "F5",
  };
  return [`:${port}`, by[way.kind]].filter((part) => part !== "").join(" ");
}

function arrowsOf(plan: Plan): Arrow[] {
  return [...plan.replications.values()].flatMap(({ name, app, form, sides, links, paused }) => {
    const side = new Map(sides.map((each) => [each.peer, each]));
    return links.flatMap(({ initiator, target }): Arrow[] => {
      const [dialling, dialled] = [side.get(initiator), side.get(target)];
      if (!dialling || !dialled) return [];
      const address = dialling.connections.find(({ peer }) => peer === target)?.address;
      const port = address && address.kind !== "in-cluster" ? address.exposure : undefined;
      const [outward, inward] = [queriesOf(dialled), queriesOf(dialling)];
      const arrow = (from: PlannedSide, to: PlannedSide, queries: readonly string[], both: boolean): Arrow => ({
        // If the same documents flow both ways, the connection is the same whoever dials.
        id: [name, ...(both ? [place(from), place(to)].sort() : [place(from), place(to)])].join("/"),
        form,
        links: 1,
        bundle: false,
        breaks: false,
        from: place(from),
        to: place(to),
        both,
        dialler: from === dialling ? "from" : "to",
        dialledBefore: undefined,
        replication: name,
        app,
        queries,
        port,
        paused,
        mark: undefined,
      });
      if (outward.join() === inward.join()) return [arrow(dialling, dialled, outward, outward.length > 0)];
      return [
        ...(outward.length > 0 ? [arrow(dialling, dialled, outward, false)] : []),
        ...(inward.length > 0 ? [arrow(dialled, dialling, inward, false)] : []),
      ];
    });
  });
}

function place({ cluster, peer }: PlannedSide): string {
  return `${cluster}/${peer}`;
}

function queriesOf({ subscribes }: PlannedSide): string[] {
  return Object.entries(subscribes).flatMap(([collection, queries]) => {
    const everything = queries.includes("true");
    return everything ? [`${collection}: everything`] : queries.map((query) => `${collection}: ${query}`);
  });
}
