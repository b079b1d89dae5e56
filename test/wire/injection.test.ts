// What a publisher writes must not become protocol lines of somebody else's stream.
import { midgeOnly, startServer } from "../support/server.ts";
import { join } from "../support/wire.ts";

midgeOnly(
  "a line end inside the control line of a publish is refused, and no receiver sees any of it",
  "nats-server delivers it: `MSG ␊foo 1 0` then breaks the receiver's stream",
  async () => {
    await using server = await startServer({});
    await using receiver = await join(server.port);
    await receiver.says("SUB > 1\r\n");
    await receiver.silent();
    await using publisher = await join(server.port);
    await publisher.says("PUB \nfoo 0\r\n\r\n");
    await publisher.hearsClose();
    await receiver.silent();
  },
);
