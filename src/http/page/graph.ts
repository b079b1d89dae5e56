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

/** While all stand in one row. */
const HEIGHT_ROW = 160;
/** As many neighbours, left and right of the middle, are a row. */
const ROW_MAX = 2;
/** From a server that is alone to its clients; they stand left and right of the middle. */
export const CLIENTS_AWAY = 280;
const HEIGHT_MIN = 540;
const HEIGHT_FOR_EACH = 26;
const MARGIN_X = 110;
const MARGIN_Y = 80;
/** From a server to its only neighbour. */
const NEIGHBOUR_AWAY = 340;
const LINE_MIN = 1.5;

/** This server in the middle, the others around it in the order of their names; two stand side by side. */
export function layOut({ servers, routes }: ServerGraph): Layout {
  const others = servers
    .filter(({ isSelf }) => !isSelf)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const crowd = HEIGHT_FOR_EACH * others.length;
  const height = others.length <= ROW_MAX ? HEIGHT_ROW : Math.max(HEIGHT_MIN, crowd);
  const centre = { x: GRAPH_WIDTH / 2 + aside(others.length), y: height / 2 };
  const radius = others.length === 1 ? NEIGHBOUR_AWAY : GRAPH_WIDTH / 2 - MARGIN_X;
  const placed = servers.map((server): PlacedServer => {
    const at = others.indexOf(server);
    if (at < 0) return { server, ...centre };
    // From the right, where there is most room.
    const angle = (2 * Math.PI * at) / others.length;
    return {
      server,
      x: centre.x + Math.cos(angle) * radius,
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

/** What stands beside it takes this server out of the middle: its clients on the left, a neighbour on the right. */
function aside(others: number): number {
  if (others === 0) return CLIENTS_AWAY / 2;
  return others === 1 ? -NEIGHBOUR_AWAY / 2 : 0;
}

/** A pixel for each factor of ten. */
function lineWidth({ inMsgs, outMsgs }: RouteEdge): number {
  return LINE_MIN + Math.log10(1 + inMsgs + outMsgs);
}
