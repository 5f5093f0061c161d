import type { PageData } from "../page-data.ts";
import { stateOf } from "./choice.ts";
import { element, part } from "./element.ts";
import { emptyLabel, leastFont, nodeSize, pageColours, peerLabel, regionFont, wholeView } from "./view.ts";

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** As the style of the boxes has it. */
const padding = { region: 26, cluster: 18 };
const nameFont = 13;

/**
 * The topology as a plain picture, to be seen while the library that draws the real one starts. It has the same places, colours and view,
 * and leaves out what takes long: heads of links, and curves.
 * @returns the picture; undefined where there is nothing to draw
 */
export function drawFirstPicture(data: PageData): HTMLElement | undefined {
  const frame = part("canvas");
  const view = wholeView(data, frame);
  const ratio = window.devicePixelRatio;
  const picture = element("canvas", { "aria-hidden": "true", class: "first" });
  const pen = picture.getContext("2d");
  if (!view || !pen) return undefined;
  picture.width = frame.clientWidth * ratio;
  picture.height = frame.clientHeight * ratio;
  pen.setTransform(ratio * view.zoom, 0, 0, ratio * view.zoom, ratio * view.pan.x, ratio * view.pan.y);
  pen.textAlign = "center";
  drawBoxes(pen, data, view.zoom);
  drawLinks(pen, data);
  drawPeers(pen, data, view.zoom);
  frame.append(picture);
  return picture;
}

function drawBoxes(pen: CanvasRenderingContext2D, data: PageData, zoom: number): void {
  const { of: colour, font } = pageColours();
  const places = [...data.peers, ...data.emptyClusters];
  const around = (boxes: readonly Box[], by: number): Box | undefined =>
    boxes.length === 0
      ? undefined
      : {
          left: Math.min(...boxes.map(({ left }) => left)) - by,
          top: Math.min(...boxes.map(({ top }) => top)) - by,
          right: Math.max(...boxes.map(({ right }) => right)) + by,
          bottom: Math.max(...boxes.map(({ bottom }) => bottom)) + by,
        };
  const nodesIn = (id: string) => places.filter(({ parent }) => parent === id).map(boxOf);
  const draw = (box: Box | undefined, title: string, size: number, fill: string, line: readonly number[]): void => {
    if (!box) return;
    pen.fillStyle = fill;
    pen.strokeStyle = colour("line");
    pen.lineWidth = 1.5;
    pen.setLineDash([...line]);
    pen.beginPath();
    pen.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, 8);
    pen.fill();
    pen.stroke();
    pen.setLineDash([]);
    if (size * zoom < leastFont) return;
    pen.font = `bold ${size}px ${font}`;
    pen.fillStyle = colour("ink");
    pen.fillText(title, (box.left + box.right) / 2, box.top - 8);
  };
  const clusters = data.clusters.map((cluster) => ({ ...cluster, box: around(nodesIn(cluster.id), padding.cluster) }));
  for (const { id, title } of data.regions) {
    const inner = clusters.flatMap(({ region, box }) =>
      region === id && box ? [{ ...box, top: box.top - nameFont - 4 }] : [],
    );
    draw(around([...nodesIn(id), ...inner], padding.region), title, regionFont(data), colour("paper"), [6, 4]);
  }
  for (const { name, box } of clusters) draw(box, name, nameFont, colour("box"), []);
}

function drawLinks(pen: CanvasRenderingContext2D, data: PageData): void {
  const { of: colour, dark } = pageColours();
  const [source] = data.sources;
  const places = new Map(data.peers.map((peer) => [peer.id, peer]));
  const tones = new Map(data.apps.map(({ name, ...tone }) => [name, dark ? tone.dark : tone.light]));
  for (const link of data.links) {
    const [from, to] = [places.get(link.initiator), places.get(link.target)];
    if (!from || !to) continue;
    const state = stateOf(link, source);
    pen.strokeStyle = state ? colour(state) : (tones.get(link.app) ?? colour("edge"));
    pen.lineWidth = state ? 2.6 : 1.6;
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    pen.stroke();
  }
}

function drawPeers(pen: CanvasRenderingContext2D, data: PageData, zoom: number): void {
  const { of: colour, font } = pageColours();
  const [source] = data.sources;
  const nodes = [
    ...data.emptyClusters.map((cluster) => ({ ...cluster, label: emptyLabel(cluster.name), state: undefined })),
    ...data.peers.map((peer) => ({
      ...peer,
      label: peerLabel(peer, stateOf(peer, source)),
      state: stateOf(peer, source),
    })),
  ];
  pen.font = `${nameFont}px ${font}`;
  pen.textBaseline = "middle";
  for (const { x, y, label, state } of nodes) {
    const { left, top } = boxOf({ x, y });
    pen.fillStyle = colour("node");
    pen.strokeStyle = colour(state ?? "edge");
    pen.lineWidth = state ? 3 : 1.5;
    pen.beginPath();
    pen.roundRect(left, top, nodeSize.width, nodeSize.height, 8);
    pen.fill();
    pen.stroke();
    if (nameFont * zoom < leastFont) continue;
    pen.fillStyle = colour("ink");
    const lines = label.split("\n");
    for (const [index, line] of lines.entries()) pen.fillText(line, x, y + (index - (lines.length - 1) / 2) * nameFont);
  }
}

function boxOf({ x, y }: { readonly x: number; readonly y: number }): Box {
  const [across, down] = [nodeSize.width / 2, nodeSize.height / 2];
  return { left: x - across, top: y - down, right: x + across, bottom: y + down };
}
