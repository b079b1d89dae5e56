// What a client hears, taken apart: messages, with what was packed unpacked, and other lines.
import { gunzipSync } from "node:zlib";
import { unsnapped } from "./system-snappy.ts";

/** What somebody hears: a message, or another line. */
export interface Heard {
  readonly who: string;
  readonly subject: string;
  readonly sid: string;
  /** The raw block; a MSG has none. */
  readonly headers?: string;
  /** Unpacked, as text. */
  readonly payload: string;
}

export const isStatistics = (subject: string): boolean =>
  subject.startsWith("$SYS.SERVER.") && subject.endsWith(".STATSZ");

/** A line or a message, taken apart. */
export function read(who: string, item: string): Heard {
  const lineEnd = item.indexOf("\r\n");
  const line = item.slice(0, lineEnd);
  const [verb, subject = "", sid = "", ...rest] = line.split(" ");
  if (verb !== "MSG" && verb !== "HMSG") return { who, subject: "", sid: "", payload: line };
  const body = item.slice(lineEnd + 2, -2);
  if (verb === "MSG") return { who, subject, sid, payload: utf8(body) };
  const headersEnd = Number(rest.at(-2));
  const headers = body.slice(0, headersEnd);
  return { who, subject, sid, headers, payload: unpacked(body.slice(headersEnd), headers) };
}

const utf8 = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8");

function unpacked(payload: string, headers: string): string {
  const bytes = Buffer.from(payload, "latin1");
  const [, encoding] = /content-encoding: *(\S+)/i.exec(headers) ?? [];
  if (encoding === "gzip") return gunzipSync(bytes).toString();
  if (encoding === "snappy") return unsnapped(bytes).toString();
  return bytes.toString();
}
