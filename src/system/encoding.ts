// Answers may be compressed for who says so (monitoring §21.1, Accept-Encoding).

import { readHeaders } from "../proto/headers.ts";
import { snappyFramed } from "./snappy.ts";

/** As the answer's Content-Encoding; "none" where the request did not speak of it. */
export type Encoding = "none" | "snappy" | "gzip" | "identity";

/** `headers` is the header block of a request. */
export function encodingFor(headers: string): Encoding {
  const wanted = headers === "" ? "" : readHeaders(headers)?.get("Accept-Encoding")?.[0];
  if (wanted === undefined || wanted === "") return "none";
  if (/snappy|s2/i.test(wanted)) return "snappy";
  return /gzip/i.test(wanted) ? "gzip" : "identity";
}

export function encode(payload: Buffer, encoding: Encoding): Buffer {
  if (encoding === "snappy") return snappyFramed(payload);
  return encoding === "gzip" ? Buffer.from(Bun.gzipSync(new Uint8Array(payload))) : payload;
}
