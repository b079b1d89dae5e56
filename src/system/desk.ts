// What every answer to a request of the system account is made from.

import type { Context } from "../http/endpoint.ts";
import type { Documents } from "./documents.ts";
import type { System } from "./system.ts";

export interface Desk {
  readonly system: System;
  /** For the monitor's endpoints, which answer here, too. */
  readonly context: Context;
  readonly documents: Documents;
}

/** The request failed: the message tells its sender why. */
export class Failure extends Error {
  /** As of HTTP. */
  readonly code: number;
  /** Fields of the answer's error before the code. */
  readonly about: object;

  constructor(code: number, description: string, about: object = {}) {
    super(description);
    this.code = code;
    this.about = about;
  }
}

/** JSON text that goes into the answer as it is; null for no answer. */
export type Data = string | null;
