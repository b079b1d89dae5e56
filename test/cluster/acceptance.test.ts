// What becomes of a peer after each way to begin (cluster §4.4, Appendix C), asked of Midge and of real
// nats-servers: it is registered, its connection is open and no more, it is told why not, or it is closed.
import { expect, test } from "bun:test";
import { describeWithPeer } from "../support/peer.ts";
import { connect } from "../support/wire.ts";
import { greeting, type Node, startMidge, startOriginal } from "./nodes.ts";

interface Beginning {
  readonly name: string;
  readonly says: (node: { readonly id: unknown }) => string;
  /** "registered", "open", "closed" or the text of an error. */
  readonly becomes: string;
  /** Of 2.9.10, where it is otherwise. */
  readonly before?: string;
}

const lines = (text: string) => text.split("\r\n").map((line) => `${line}\r\n`);
const [CONNECT = "", INFO = ""] = lines(greeting("D"));

const BEGINNINGS: readonly Beginning[] = [
  { name: "CONNECT, INFO", says: () => CONNECT + INFO, becomes: "registered" },
  {
    name: "INFO, CONNECT",
    says: () => INFO + CONNECT,
    becomes: "Authorization Violation",
    before: "registered",
  },
  {
    name: "INFO alone",
    says: () => INFO,
    becomes: "Authorization Violation",
    before: "registered",
  },
  { name: "CONNECT alone", says: () => CONNECT, becomes: "open" },
  {
    name: "CONNECT without a cluster",
    says: () => greeting("D", {}, { cluster: "" }),
    becomes: 'Rejecting connection, cluster name "" does not match "c1"',
  },
  {
    name: "INFO without a cluster",
    says: () => greeting("D", { cluster: "" }),
    becomes: "registered",
  },
  {
    name: "the INFO of another cluster",
    says: () => greeting("D", { cluster: "c2" }),
    becomes: "closed",
  },
  {
    name: "an equal server name",
    says: () => greeting("D", { server_name: "SAME" }),
    becomes: "closed",
  },
  { name: "its own id", says: ({ id }) => greeting(String(id)), becomes: "closed" },
  {
    name: "the dialect of 0.9.6",
    says: () =>
      'CONNECT {"verbose":false,"pedantic":false,"name":"x"}\r\nINFO {"server_id":"x"}\r\n',
    becomes: 'Rejecting connection, cluster name "" does not match "c1"',
  },
  { name: "no headers", says: () => greeting("D", { headers: false }), becomes: "registered" },
  {
    name: "interest of an unknown account",
    says: () => `${greeting("D")}RS+ NOPE x\r\n`,
    becomes: "registered",
  },
  { name: "an error", says: () => `${greeting("D")}-ERR 'whatever'\r\n`, becomes: "closed" },
  {
    name: "compression off",
    says: () => greeting("D", { compression: "off" }),
    becomes: "registered",
  },
  {
    name: "compression not supported",
    says: () => greeting("D", { compression: "not supported" }),
    becomes: "registered",
  },
  {
    name: "compression accept",
    says: () => greeting("D", { compression: "accept" }),
    becomes: "registered",
  },
];

async function becomesOf(node: Node, says: Beginning["says"]): Promise<string> {
  await using peer = await connect(node.clusterPort);
  await peer.says(`${says({ id: peer.info["server_id"] })}PING\r\n`);
  let becomes = "open";
  for (;;) {
    const item = await peer.hearsItem();
    if (item === undefined) return becomes.startsWith("-") ? becomes.slice(1) : "closed";
    if (item === "PONG\r\n") return becomes;
    const error = /^-ERR '(.*)'\r\n$/.exec(item)?.[1];
    if (error !== undefined) becomes = `-${error}`;
    if (item.startsWith("RS+ $G probe.")) becomes = "registered";
  }
}

async function compare(node: Node, wanted: (beginning: Beginning) => string): Promise<void> {
  const found: string[] = [];
  for (const beginning of BEGINNINGS) {
    found.push(`${beginning.name}: ${await becomesOf(node, beginning.says)}`);
  }
  expect(found).toEqual(BEGINNINGS.map((each) => `${each.name}: ${wanted(each)}`));
}

test("Midge takes who begins well, and nobody else", async () => {
  await using midge = await startMidge("SAME");
  await compare(midge, ({ becomes }) => becomes);
});

describeWithPeer("how nats-server 2.15 takes a peer", "2.15", (path) => {
  test("it does as Midge does", async () => {
    await using original = await startOriginal(path, "SAME");
    await compare(original, ({ becomes }) => becomes);
  });
});

describeWithPeer("how nats-server 2.9 takes a peer", "2.9", (path) => {
  test("it does as Midge does, but for an INFO that comes first", async () => {
    await using original = await startOriginal(path, "SAME");
    await compare(original, ({ becomes, before = becomes }) => before);
  });
});
