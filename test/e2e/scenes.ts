// Logins as a play: a scene is a server with its configuration, a visit is what a client brings along and
// what becomes of it. Every client that can knock plays the same scenes.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Guest, type Luggage, refusalOf } from "./guests.ts";
import { Broker } from "./support.ts";

export interface Scene {
  /** How the server is set. */
  readonly name: string;
  readonly config: string;
  readonly flags?: string[];
  readonly visits: readonly Visit[];
}

export interface Visit {
  /** What the client does or has. */
  readonly name: string;
  readonly brings: Luggage;
  /** Not given for a client that is welcome. */
  readonly refusal?: Refusal;
  /** Only for clients that insist on TLS. */
  readonly insisting?: true;
}

/**
 * Who refuses whom: the server the credentials, or the handshake, each with its log line; or the client
 * refuses the server, of which the server need not hear.
 */
export type Refusal = "credentials" | "handshake" | "by the client";

const LOG_LINES = {
  credentials: /\[ERR\] .* - authentication error/,
  handshake: /\[ERR\] .* - TLS handshake error/,
} as const;

/** Has every guest play every scene. A scene's server runs as long as its visits. */
export function play(scenes: readonly Scene[], guests: readonly Guest[]): void {
  for (const scene of scenes)
    describe(scene.name, () => {
      let broker: Broker | undefined;
      beforeAll(async () => {
        broker = await Broker.start({ config: scene.config, flags: scene.flags ?? [] });
      });
      afterAll(() => broker?.[Symbol.asyncDispose]());

      for (const guest of guests)
        for (const visit of scene.visits) {
          if (visit.insisting && !guest.insistsOnTls) continue;
          const verdict = visit.refusal === undefined ? "is welcome" : "is refused";
          test(`${guest.name} ${verdict}: ${visit.name}`, () => knock(broker!, guest, visit));
        }
    });
}

async function knock(broker: Broker, guest: Guest, { brings, refusal }: Visit): Promise<void> {
  const from = broker.lines.length;
  const error = await refusalOf(guest, broker.port, brings);
  if (refusal === undefined) {
    if (error !== undefined) throw error;
    return;
  }
  expect(error).toBeInstanceOf(Error);
  const told = /authorization violation/i.test(String(error));
  expect({ error, told }).toEqual({ error, told: refusal === "credentials" });
  if (refusal !== "by the client") await broker.line(LOG_LINES[refusal], from);
}
