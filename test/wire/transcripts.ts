// Whole conversations of one connection, as data: what the client says and every byte it must hear.
// The runner plays each of them in one piece, split in two at every byte, and byte by byte.
import type { ServerOptions } from "../support/server.ts";
import { connecting } from "./transcripts/connecting.ts";
import { framing } from "./transcripts/framing.ts";
import { headers } from "./transcripts/headers.ts";
import { publishing } from "./transcripts/publishing.ts";
import { subjects } from "./transcripts/subjects.ts";
import { subscribing } from "./transcripts/subscribing.ts";
import { vectors } from "./transcripts/vectors.ts";

export interface Transcript {
  /** The promise, in words. */
  readonly name: string;
  /** Options of CONNECT on top of a quiet one, sent beforehand; without them there is no CONNECT. */
  readonly connect?: object;
  /**
   * What the client says. The subject token `foo` becomes a token of its own for each connection, so
   * that many can play at once; nothing may be subscribed that does not contain it.
   */
  readonly says: string;
  /** What it hears, with <INFO> for one INFO line. */
  readonly hears: string;
  /** The server closes after that. Otherwise a PING is answered by a PONG and nothing else. */
  readonly closes?: true;
  /**
   * nats-server gives this answer only to bytes that come in one piece; otherwise a CR inside a line gets
   * lost. Midge gives it always: how bytes are cut into reads must not change what they mean.
   */
  readonly onlyWholeAtPeer?: true;
  /** Options of the server. */
  readonly options?: ServerOptions;
}

export const TRANSCRIPTS: readonly Transcript[] = [
  ...framing,
  ...connecting,
  ...subscribing,
  ...publishing,
  ...headers,
  ...subjects,
  ...vectors,
];
