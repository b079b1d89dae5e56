// The servers as a drawing, and in words below it for those who can't see drawings or want the numbers.
import type { RouteEdge, ServerGraph, ServerNode } from "../live-shapes.ts";
import { find, ItemList, make, makeSvg, setText } from "./dom.ts";
import { bytesPerSecond, milliseconds, perSecond, whole } from "./format.ts";
import {
  CLIENTS_AWAY,
  GRAPH_WIDTH,
  layOut,
  type PlacedRoute,
  type PlacedServer,
  type Point,
} from "./graph.ts";
import { Poll } from "./poll.ts";

const RADIUS = 50;
/** What fits into a circle. */
const NAME_LENGTH = 11;
const COLUMNS = ["Server", "Version", "Address", "Connections", "Subscriptions", "In", "Out"];
const FIRST_NUMBER = 3;

interface Row {
  readonly server: ServerNode;
  /** From this server to that one. */
  readonly route: RouteEdge | null;
}

export class ServerView {
  readonly #panel = find("servers", HTMLElement);
  readonly #svg = find("graph", SVGSVGElement);
  readonly #poll: Poll<ServerGraph>;
  readonly #list: ItemList<Row, HTMLTableRowElement>;

  constructor(isLive: () => boolean) {
    const table = find("server-table", HTMLTableElement);
    const headings = COLUMNS.map((label, i) =>
      make("th", { scope: "col", ...numberClass(i) }, label),
    );
    table.tHead!.replaceChildren(make("tr", {}, ...headings));
    this.#list = new ItemList(table.tBodies[0]!, ({ server }) => server.id, makeRow, writeRow);
    this.#poll = new Poll<ServerGraph>(
      () => (isLive() && this.#panel.checkVisibility() ? "live/servers" : null),
      (graph) => this.#show(graph),
    );
  }

  refresh(): void {
    this.#poll.now();
  }

  #show(graph: ServerGraph): void {
    const { height, servers, routes } = layOut(graph);
    const self = servers.find(({ server }) => server.isSelf);
    const isAlone = servers.length === 1;
    this.#svg.setAttribute("viewBox", `0 0 ${GRAPH_WIDTH} ${height}`);
    this.#svg.replaceChildren(
      ...routes.map((each) => drawRoute(each, each.route.from === self?.server.id)),
      ...(self && isAlone ? [drawClients(self)] : []),
      ...servers.map((each) => drawServer(each, isAlone)),
    );
    const routeTo = ({ id }: ServerNode) =>
      graph.routes.find(({ from, to }) => from === self?.server.id && to === id) ?? null;
    this.#list.show(graph.servers.map((server) => ({ server, route: routeTo(server) })));
  }
}

function drawServer({ server, x, y }: PlacedServer, isAlone: boolean): SVGElement {
  const { isSelf, name, address, connections, subscriptions } = server;
  const shown = name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name;
  const [figure, unit] = isAlone ? [subscriptions, "subscriptions"] : [connections, "clients"];
  return makeSvg(
    "g",
    { class: isSelf ? "server self" : "server", transform: `translate(${x} ${y})` },
    makeSvg("title", {}, `${name} ${address}`),
    makeSvg("circle", { r: RADIUS }),
    label(0, -14, "name", shown),
    label(0, 9, "figure", figure === null ? "–" : whole(figure)),
    label(0, 26, "small", unit),
  );
}

/** With the rates written on it, or only where the pointer is. */
function drawRoute({ route, from, to, width }: PlacedRoute, hasLabels: boolean): SVGElement {
  return makeSvg(
    "g",
    { class: "route" },
    makeSvg("title", {}, describe(route)),
    flow(from, to, width),
    ...(hasLabels ? labels(from, to, route.inMsgs, route.outMsgs) : []),
  );
}

/** A server without neighbours still has somebody to talk to. */
function drawClients({ server, x, y }: PlacedServer): SVGElement {
  const clients = { x: x - CLIENTS_AWAY, y };
  return makeSvg(
    "g",
    { class: "route" },
    flow(clients, { x, y }, 2),
    ...labels({ x, y }, clients, server.inMsgs ?? 0, server.outMsgs ?? 0),
    makeSvg(
      "g",
      { class: "crowd" },
      makeSvg("circle", { cx: clients.x, cy: clients.y, r: RADIUS }),
      label(clients.x, clients.y + 2, "figure", whole(server.connections ?? 0)),
      label(clients.x, clients.y + 20, "small", "clients"),
    ),
  );
}

function flow(from: Point, to: Point, width: number): SVGElement {
  const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
  return makeSvg("line", { ...ends, class: "flow", "stroke-width": width });
}

function labels(from: Point, to: Point, inMsgs: number, outMsgs: number): SVGElement[] {
  const x = (from.x + to.x) / 2;
  const y = (from.y + to.y) / 2;
  return [
    label(x, y - 8, "in", `in ${perSecond(inMsgs)}`),
    label(x, y + 18, "out", `out ${perSecond(outMsgs)}`),
  ];
}

function label(x: number, y: number, kind: string, text: string): SVGElement {
  return makeSvg("text", { x, y, class: kind }, text);
}

function describe({ inMsgs, outMsgs, inBytes, outBytes, pending, rtt }: RouteEdge): string {
  return [
    `in ${perSecond(inMsgs)}, ${bytesPerSecond(inBytes)}`,
    `out ${perSecond(outMsgs)}, ${bytesPerSecond(outBytes)}`,
    `pending ${whole(pending)} B`,
    `round trip ${rtt > 0 ? milliseconds(rtt) : "not known"}`,
  ].join("\n");
}

function numberClass(column: number): { class?: string } {
  return column >= FIRST_NUMBER ? { class: "number" } : {};
}

function makeRow(): HTMLTableRowElement {
  return make("tr", {}, ...COLUMNS.map((_, i) => make("td", { ...numberClass(i) })));
}

/** What only the other server knows of itself is a dash, or what the route to it tells. */
function writeRow(element: HTMLTableRowElement, { server, route }: Row): void {
  const orDash = (value: number | null | undefined, format: (value: number) => string) =>
    value == null ? "–" : format(value);
  const texts = [
    server.name,
    server.version,
    server.address,
    orDash(server.connections, whole),
    orDash(server.subscriptions, whole),
    orDash(server.inMsgs ?? route?.inMsgs, perSecond),
    orDash(server.outMsgs ?? route?.outMsgs, perSecond),
  ];
  texts.forEach((text, i) => setText(element.cells[i]!, text));
}
