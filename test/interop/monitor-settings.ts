// Monitors of servers with settings that they show or that change where and how they answer.
import { NAMED, type Scene } from "./monitor-scenes.ts";

const below = (base: string): readonly string[] => [
  base === "" ? "/" : base,
  `${base}/`,
  `${base}/varz`,
  `${base}/varz/`,
  `${base}/connz?limit=5`,
  `${base}//varz`,
  `${base}/debug/vars`,
  `${base}varz`,
  "/",
  "/varz",
  "/nats",
];

/** As they are configured, and where the pages are then. */
const BASES: Readonly<Record<string, string>> = {
  nats: "/nats",
  "/nats/": "/nats",
  "nats//a/../b": "/nats/b",
  "/": "",
  "": "",
  "//": "",
  "/n%20a ts": "/n%2520a%20ts",
};

export const settings: readonly Scene[] = [
  {
    name: "settings",
    config: `${NAMED}
      ping_interval: "17s", ping_max: 5, max_payload: 2000, max_pending: 50000, max_control_line: 512
      max_subs: 77, write_deadline: "1500ms", max_closed_clients: 10, max_connections: 55
      authorization { timeout: 0.25 }\n`,
    questions: ["/varz"],
  },
  { name: "no limit on connections", config: "max_connections: -1", questions: ["/connz"] },
  ...Object.entries(BASES).map(([configured, base]) => ({
    name: `base path ${JSON.stringify(configured)}`,
    config: `${NAMED}http_base_path: "${configured}"\n`,
    base,
    questions: below(base),
  })),
];
