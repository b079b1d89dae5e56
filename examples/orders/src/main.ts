// The application: a broker and a service in one process. The service needs no port to reach the broker;
// other programs connect to the one that is printed.

import { Midge } from "midge-server";
import { serveOrders } from "./orders.ts";

const port = Number(process.env["PORT"] ?? 4222);
await using server = await Midge.start({ port, serverName: "orders" });
server.on("connect", ({ name, ip }) => console.log(`connected: ${name || "somebody"} (${ip})`));
server.on("disconnect", ({ name, reason }) =>
  console.log(`left: ${name || "somebody"}: ${reason}`),
);

const connection = await server.connect({ name: "orders service" });
await serveOrders(connection);
console.log(`taking orders at ${server.clientUrl}`);

await new Promise<void>((resolve) => {
  process.once("SIGINT", () => resolve());
  process.once("SIGTERM", () => resolve());
});
await connection.drain();
