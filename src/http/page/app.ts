// The page, put together: the stream feeds the charts, the panels ask for themselves, and all of them stop
// when nobody looks.
import { address } from "./base.ts";
import { Choice } from "./choice.ts";
import { DetailView } from "./detail.ts";
import { find, make, setText } from "./dom.ts";
import { whole } from "./format.ts";
import { onKeys } from "./keys.ts";
import { Overview } from "./overview.ts";
import { Series } from "./series.ts";
import { ServerView } from "./servers.ts";
import { Status } from "./status.ts";
import { LiveStream } from "./stream.ts";
import { ConnectionTable } from "./table.ts";
import { Tabs } from "./tabs.ts";
import { ThemeSwitch } from "./theme.ts";
import { SubjectView } from "./tree.ts";
import type { Hello, Tick } from "../live-shapes.ts";

/** A page that nobody sees lets go of its stream: browsers allow few connections to one server. */
const HIDDEN_MS = 15_000;
const LINKS = "varz connz routez subsz accountz accstatz healthz metrics".split(" ");

const series = new Series();
const status = new Status();
const overview = new Overview(find("charts", HTMLElement), series);
const stream = new LiveStream({
  onState: (state) => status.setState(state),
  onHello: (hello) => greet(hello),
  onTick: (tick) => show(tick),
});
const isLive = () => stream.isLive && !document.hidden;
const table = new ConnectionTable(isLive, () => Date.now() + clockAhead);
const subjects = new SubjectView(isLive);
const servers = new ServerView(isLive);
const detail = new DetailView(isLive);
const tabs = new Tabs(refresh);
const theme = new ThemeSwitch(find("theme", HTMLButtonElement), () => {
  overview.redraw();
  detail.redraw();
});
const timespan = new Choice(
  find("window", HTMLElement),
  [
    { value: "60", label: "1 min" },
    { value: "300", label: "5 min" },
    { value: "600", label: "10 min" },
  ],
  "300",
  (seconds) => overview.setWindow(Number(seconds)),
);
const help = find("help", HTMLDialogElement);

/** Of the server the page was loaded from. */
let loadedVersion = "";
let serverId = "";
/** Milliseconds that the server's clock is ahead of ours. */
let clockAhead = 0;
let hiding = 0;

overview.setWindow(Number(timespan.value));
find("links", HTMLElement).append(...LINKS.map((name) => make("a", { href: address(name) }, name)));
find("help-open", HTMLButtonElement).addEventListener("click", () => help.showModal());
onKeys({
  "/": () => search(),
  "1": () => tabs.select("connections"),
  "2": () => tabs.select("subjects"),
  "3": () => tabs.select("servers"),
  t: () => theme.next(),
  w: () => timespan.next(),
  "?": () => help.showModal(),
});
// Panels come and go with the width of the window, too.
matchMedia("(min-width: 110rem)").addEventListener("change", refresh);
document.addEventListener("visibilitychange", watchVisibility);
stream.open();

function greet({ server, history, tick }: Hello): void {
  // Another release may speak another language.
  if (loadedVersion !== "" && loadedVersion !== server.version) return location.reload();
  loadedVersion = server.version;
  clockAhead = server.now - Date.now();
  series.replace(history, server.id !== serverId);
  serverId = server.id;
  status.setServer(server);
  if (tick === null) overview.draw();
  else show(tick);
  refresh();
}

function show(tick: Tick): void {
  series.add(tick.sample);
  status.setTick(tick);
  setText(find("connection-count", HTMLElement), whole(tick.sample.connections));
  overview.show(tick);
}

function refresh(): void {
  table.refresh();
  subjects.refresh();
  servers.refresh();
  detail.refresh();
}

function search(): void {
  tabs.select("connections");
  const field = find("search", HTMLInputElement);
  field.focus();
  field.select();
}

function watchVisibility(): void {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(() => stream.pause(), HIDDEN_MS);
  else if (stream.isLive) refresh();
  else stream.open();
}
