// The lines that a message becomes on its way to other servers, and whom of them a queue group chooses: what
// needs a route of an account's own, or leaf nodes behind a server, without having either.
import { expect, test } from "bun:test";
import { Account } from "../../src/broker/account.ts";
import { RemoteInterest, type RouteLink } from "../../src/broker/routing.ts";
import { deliverToRoutes, routingOf } from "../../src/broker/to-routes.ts";
import { Connection } from "../../src/net/connection.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { type Publish, textMessage } from "../../src/proto/publish.ts";

const outbox = new Outbox((error) => {
  throw error;
});

/** A link whose socket keeps what it is given. */
function linkTo(remoteId: string, account = ""): RouteLink & { said(): string } {
  let said = "";
  const socket = {
    remoteAddress: "127.0.0.1",
    remotePort: 1,
    write(bytes: Buffer, at: number, size: number) {
      said += bytes.toString("latin1", at, at + size);
      return size;
    },
    end() {},
  };
  const limits = { maxPending: 1 << 20, writeDeadline: 1000 };
  const connection = new Connection(socket as never, outbox, () => limits);
  return {
    connection,
    remoteId,
    account,
    headers: true,
    outMsgs: 0,
    outBytes: 0,
    said() {
      connection.flush();
      const all = said;
      said = "";
      return all;
    },
  };
}

const account = new Account("BÜRO");
const SUBJECT = "f";

const wants = (link: RouteLink, queue: string | null, weight = 1, origin = "") =>
  new RemoteInterest(link, account, SUBJECT, false, queue, weight, origin);

function routing(plain: RemoteInterest[], ...inGroups: RemoteInterest[]) {
  const groups = Map.groupBy(inGroups, ({ queue }) => queue!);
  return routingOf(account, SUBJECT, plain, groups, new Map())!;
}

const message = (): Publish => textMessage(SUBJECT, "hi");

test("an account's name is in the line, but not where the connection is its own", () => {
  const shared = linkTo("A");
  const own = linkTo("B", account.name);
  const where = routing([wants(shared, null), wants(own, null)], wants(own, "g"));
  expect(deliverToRoutes(null, message(), where, false)).toBe(2);
  expect(shared.said()).toBe("RMSG B\xc3\x9cRO f 2\r\nhi\r\n");
  expect(own.said()).toBe("RMSG f | g 2\r\nhi\r\n");
  expect([shared.outMsgs, shared.outBytes, own.outMsgs, own.outBytes]).toEqual([1, 2, 1, 2]);
});

test("a server with two connections hears it once", () => {
  const one = linkTo("A");
  const other = linkTo("A");
  const where = routing([wants(one, null), wants(other, null)], wants(other, "g"));
  expect(deliverToRoutes(null, message(), where, false)).toBe(1);
  expect(one.said() + other.said()).toBe("RMSG B\xc3\x9cRO f | g 2\r\nhi\r\n");
});

test("members behind leaf nodes are asked when there are no others", () => {
  const link = linkTo("A");
  const leafy = linkTo("B");
  const both = routing([], wants(leafy, "g", 1000, "EDGE"), wants(link, "g"));
  for (let i = 0; i < 20; i++) deliverToRoutes(null, message(), both, false);
  expect([link.outMsgs, leafy.outMsgs]).toEqual([20, 0]);
  const only = routing([], wants(leafy, "g", 1, "EDGE"));
  expect(deliverToRoutes(null, message(), only, false)).toBe(1);
  expect(leafy.said()).toBe("RMSG B\xc3\x9cRO f | g 2\r\nhi\r\n");
});

test("a connection that closes is no candidate", () => {
  const gone = linkTo("A");
  const there = linkTo("B");
  const where = routing([], wants(gone, "g", 1000), wants(there, "g"));
  gone.connection.closing = true;
  for (let i = 0; i < 20; i++) expect(deliverToRoutes(null, message(), where, false)).toBe(1);
  expect([gone.outMsgs, there.outMsgs]).toEqual([0, 20]);
});

test("any number of groups at once, each with its own choice", () => {
  const one = linkTo("A");
  const other = linkTo("B");
  const queues = Array.from({ length: 40 }, (_, i) => `q${i}`);
  const where = routing([], ...queues.flatMap((queue) => [wants(one, queue), wants(other, queue)]));
  for (let i = 0; i < 100; i++) {
    deliverToRoutes(null, message(), where, false);
    const named = `${one.said()}${other.said()}`.match(/q\d+/g)!;
    expect([...named].sort()).toEqual([...queues].sort());
  }
});

test("a group of nobody is nobody", () => {
  expect(
    routingOf(account, SUBJECT, [], new Map([["g", [wants(linkTo("A"), "g", 0)]]]), new Map()),
  ).toBeNull();
});
