// `offset` and `limit`, as every endpoint with a list reads them (monitoring §6.1).
import { jsonNumber } from "./json.ts";
import type { Query } from "./query.ts";

const LIMIT_DEFAULT = 1024;

export interface Page {
  readonly offset: number;
  readonly limit: number;
  /** What the answer says of it: exact, however absurd. */
  readonly shown: { readonly offset: unknown; readonly limit: unknown };
}

/** A limit of nothing or less is the default one, an offset below the start is the start. */
export function readPage(query: Query): Page {
  const offset = query.exactInt("offset");
  const limit = query.exactInt("limit");
  return page(offset < 0 ? 0 : offset, limit <= 0 ? LIMIT_DEFAULT : limit);
}

export function page(offset: number | bigint, limit: number | bigint): Page {
  return {
    offset: Number(offset),
    limit: Number(limit),
    shown: { offset: jsonNumber(offset), limit: jsonNumber(limit) },
  };
}
