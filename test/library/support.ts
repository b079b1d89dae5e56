// What the tests of the library share: free ports, a wire-level reader of a pipe, log lines.

import type { Logger } from "../../src/log/logger.ts";

/** Ports that were free a moment ago. */
export function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => occupy(0));
  const ports = listeners.map(({ port }) => port);
  for (const listener of listeners) listener.stop();
  return ports;
}

/** Takes a port; throws when somebody else has it. */
export function occupy(port: number) {
  return Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
}

/** Keeps error lines for a look at them. */
export function errorLog(): Logger & { readonly errors: string[] } {
  const errors: string[] = [];
  const nothing = () => {};
  return {
    errors,
    debugOn: false,
    traceOn: false,
    notice: nothing,
    warn: nothing,
    error: (text) => errors.push(text),
    fatal: nothing,
    debug: nothing,
    trace: nothing,
  };
}

/** Resolves when the condition holds, looking after every turn of the loop; rejects after some seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const patience = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > patience) throw new Error(`waited in vain for: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
