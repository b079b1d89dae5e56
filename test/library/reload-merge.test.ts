// What a reload of an embedded broker keeps, and what it never takes from outside.
import { expect, test } from "bun:test";
import { Midge } from "../../src/index.ts";

const USERS = [{ user: "a", password: "b" }];
const isRefused = (broker: Midge) =>
  broker.connect().then(
    async (connection) => {
      await connection.close();
      return false;
    },
    () => true,
  );

test("a part of a block leaves the rest of it: nobody gets in who could not before", async () => {
  await using broker = await Midge.start({ listen: false, authorization: { users: USERS } });
  await broker.reload({ authorization: { timeout: 3000 } });
  expect(await isRefused(broker)).toBe(true);
  await broker.reload({ authorization: undefined });
  expect(await isRefused(broker)).toBe(false);
});

test("what becomes of the caller's objects later is nothing to the broker", async () => {
  const users = [...USERS];
  await using broker = await Midge.start({ listen: false, authorization: { users } });
  users.length = 0;
  await broker.reload({ maxPayload: 20 });
  expect(await isRefused(broker)).toBe(true);
});

test("a broker that has stopped says so to a reload", async () => {
  const broker = await Midge.start({ listen: false });
  await broker.stop();
  const error = await broker.reload({ maxPayload: 5 }).then(
    () => null,
    (reason: Error) => reason,
  );
  expect(error?.message).toContain("the broker has stopped");
});

test("a connection that comes while the broker stops ends, one way or the other", async () => {
  const broker = await Midge.start({ listen: false });
  broker.on("connect", () => void broker.stop());
  const connection = await broker.connect().catch(() => null);
  await connection?.closed();
  await broker.stop();
});

test("a listener is a function", async () => {
  await using broker = await Midge.start({ listen: false });
  expect(() => broker.on("connect", 5 as never)).toThrow("a listener of connect is a function");
});
