// Where the servers of a graph stand and how thick their routes are. Pure geometry.
import type { RouteEdge, ServerGraph, ServerNode } from "../live-shapes.ts";

export const GRAPH_WIDTH = 900;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedServer extends Point {
  readonly server: ServerNode;
}

export interface PlacedRoute {
  readonly route: RouteEdge;
  readonly from: Point;
  readonly to: Point;
  /** Of the line, by messages in both directions. */
  readonly width: number;
}

export interface Layout {
  readonly height: number;
  readonly servers: readonly PlacedServer[];
  readonly routes: readonly PlacedRoute[];
}

const HEIGHT_ALONE = 160;
/** From a server that is alone to its clients; they stand left and right of the middle. */
export const CLIENTS_AWAY = 280;
const HEIGHT_MIN = 540;
const HEIGHT_FOR_EACH = 26;
const MARGIN_X = 110;
const MARGIN_Y = 80;
const LINE_MIN = 1.5;

/** This server in the middle, the others around it in the order of their names. */
export function layOut({ servers, routes }: ServerGraph): Layout {
  const others = servers
    .filter(({ isSelf }) => !isSelf)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const crowd = HEIGHT_FOR_EACH * others.length;
  const height = others.length === 0 ? HEIGHT_ALONE : Math.max(HEIGHT_MIN, crowd);
  const aside = others.length === 0 ? CLIENTS_AWAY / 2 : 0;
  const centre = { x: GRAPH_WIDTH / 2 + aside, y: height / 2 };
  const placed = servers.map((server): PlacedServer => {
    const at = others.indexOf(server);
    if (at < 0) return { server, ...centre };
    // From the right, where there is most room.
    const angle = (2 * Math.PI * at) / others.length;
    return {
      server,
      x: centre.x + Math.cos(angle) * (centre.x - MARGIN_X),
      y: centre.y + Math.sin(angle) * (centre.y - MARGIN_Y),
    };
  });
  const places = new Map(placed.map((each) => [each.server.id, each]));
  return {
    height,
    servers: placed,
    routes: routes.flatMap((route) => {
      const from = places.get(route.from);
      const to = places.get(route.to);
      return from && to ? [{ route, from, to, width: lineWidth(route) }] : [];
    }),
  };
}

/** A pixel for each factor of ten. */
function lineWidth({ inMsgs, outMsgs }: RouteEdge): number {
  return LINE_MIN + Math.log10(1 + inMsgs + outMsgs);
}
