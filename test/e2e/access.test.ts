// Who may log in and what for, seen by the official JavaScript clients.
import { describe, expect, test } from "bun:test";
import { secret } from "../support/secrets.ts";
import { Mailbox, statusOf } from "./clients.ts";
import { officialClients } from "./guests.ts";
import { play } from "./scenes.ts";
import { accessScenes } from "./scenes-access.ts";
import { Broker } from "./support.ts";

play(await accessScenes(), officialClients);

const [alice, bob, carol] = ["alice", "bob", "carol"].map((user) => ({ user, password: secret() }));
const entry = (login: typeof alice, more = "") =>
  `{ user: "${login?.user}", password: "${login?.password}", ${more} }`;

describe.each(officialClients.map((client) => ({ name: client.name, client })))(
  "$name",
  ({ client }) => {
    test("hears nothing of other accounts, and everything of its own", async () => {
      const config = `accounts { A { users: [${entry(alice)}, ${entry(bob)}] }, B { users: [${entry(carol)}] } }`;
      await using broker = await Broker.start({ config });
      const [listener, stranger, friend] = await Promise.all(
        [alice, carol, bob].map((login) => client.connect(broker.port, login)),
      );
      const mailbox = new Mailbox(listener!, ">");
      await listener!.flush();
      stranger!.publish("news", "of B");
      await stranger!.flush();
      friend!.publish("news", "of A");
      await mailbox.receives(1);
      expect(mailbox.texts).toEqual(["of A"]);
      const unanswered = await stranger!.request("news", "", { timeout: 1000 }).catch(String);
      expect(unanswered).toBeString();
      await Promise.all([listener, stranger, friend].map((connection) => connection!.close()));
    });

    test("is told which subject it may not publish to, and stays connected", async () => {
      const rule = `permissions: { publish: ["out.>"], subscribe: [">"] }`;
      await using broker = await Broker.start({
        config: `authorization { users: [${entry(alice, rule)}] }`,
      });
      const connection = await client.connect(broker.port, alice);
      const mailbox = new Mailbox(connection, ">");
      const status = statusOf(connection, "error");
      connection.publish("secret.plans", "no");
      connection.publish("out.plans", "yes");
      await mailbox.receives(1);
      expect(mailbox.texts).toEqual(["yes"]);
      const text = client.flavour.statusText(await status);
      expect(text).toMatch(
        /PERMISSIONS_VIOLATION|Permissions Violation for Publish to "secret.plans"/,
      );
      const subject = String.raw`Publish Violation - .*Subject "secret\.plans"`;
      await broker.line(new RegExp(String.raw`\[ERR\] .* - ${subject}`));
      await connection.close();
    });

    test("is told which subject it may not subscribe to, and stays connected", async () => {
      const rule = `permissions: { subscribe: { deny: "secret.>" } }`;
      await using broker = await Broker.start({
        config: `authorization { users: [${entry(alice, rule)}] }`,
      });
      const connection = await client.connect(broker.port, alice);
      const refused = new Mailbox(connection, "secret.plans");
      const [filtered, open] = [new Mailbox(connection, ">"), new Mailbox(connection, "open")];
      for (const subject of ["secret.plans", "open"]) connection.publish(subject, subject);
      await Promise.all([filtered.receives(1), open.receives(1)]);
      expect([filtered.texts, open.texts, refused.texts]).toEqual([["open"], ["open"], []]);
      expect(String(refused.error)).toContain(
        'Permissions Violation for Subscription to "secret.plans"',
      );
      await connection.close();
    });
  },
);
