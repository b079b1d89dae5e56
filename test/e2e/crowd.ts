// A crowd of clients in a process of its own, since a process may open only so many files: `bun
// crowd.ts PORT COUNT` opens all connections at once, prints how many were greeted as soon as every
// one was greeted or lost (or after twelve seconds, as many as it is then), and holds them until
// its stdin ends.
const [port = 0, count = 0] = process.argv.slice(2).map(Number);

let greeted = 0;
let lost = 0;
const settled = Promise.withResolvers<void>();
const settle = (): void => {
  if (greeted + lost === count) settled.resolve();
};

const socket = {
  data(connection: { data: { greeted: boolean } }, bytes: Buffer): void {
    if (connection.data.greeted || !bytes.toString("latin1", 0, 5).startsWith("INFO ")) return;
    connection.data.greeted = true;
    greeted += 1;
    settle();
  },
  close(connection: { data: { greeted: boolean } }): void {
    if (connection.data.greeted) return;
    lost += 1;
    settle();
  },
  connectError(): void {
    lost += 1;
    settle();
  },
};

for (let i = 0; i < count; i += 1)
  Bun.connect({ hostname: "127.0.0.1", port, data: { greeted: false }, socket }).catch(
    () => undefined,
  );

const patience = setTimeout(settled.resolve, 15_000);
await settled.promise;
clearTimeout(patience);
console.log(JSON.stringify({ greeted, lost }));
await Bun.stdin.text();
process.exit();
