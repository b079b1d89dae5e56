// The lines of a protocol trace (-V) about messages: what was published, what was delivered and what went
// over routes, each with its payload as far as max_traced_msg_len goes.

import type { Options } from "../config/options.ts";
import type { Publish } from "../proto/publish.ts";
import { quote } from "../proto/quote.ts";
import type { Client } from "./client.ts";
import type { RouteLink } from "./routing.ts";
import type { Target } from "./subscription.ts";

/** How much of a message a trace shows. */
export type TraceOptions = Pick<Options, "maxTracedMsgLen" | "traceHeaders">;

const tailLine = (message: Publish) =>
  message.bytes.utf8Slice(message.tailAt, message.payloadAt - 2);

export function traceIn(client: Client, message: Publish): void {
  const verb = message.headerBytes > 0 ? "HPUB" : "PUB";
  const subject = message.bytes.utf8Slice(message.subjectAt, message.subjectEnd);
  client.traceIn(verb, `${subject} ${tailLine(message)}`);
  const payload = payloadText(client.host.options, message);
  if (payload !== null) client.trace(`<<- MSG_PAYLOAD: [${payload}]`);
}

/** `message` as the receiver got it. */
export function traceOut(message: Publish, target: Target): void {
  const { client: receiver } = target;
  const head = Buffer.from(target.head.buffer, 0, target.headBytes).utf8Slice();
  const asHeaders = message.headerBytes > 0;
  receiver.traceOut(`${asHeaders ? "H" : ""}${head}${tailLine(message)}`);
  const payload = payloadText(receiver.host.options, message);
  if (payload !== null) receiver.trace(`->> MSG_PAYLOAD: [${payload}]`);
}

/** A message that another server sent. */
export function traceFromRoute(
  link: RouteLink,
  account: string,
  message: Publish,
  queues: readonly string[],
): void {
  const { bytes, subjectAt, subjectEnd, replyAt, replyEnd, tailAt, payloadAt } = message;
  const hasReply = replyEnd > replyAt;
  const words = [message.headerBytes > 0 ? "HMSG" : "RMSG"];
  if (link.account === "") words.push(account);
  words.push(bytes.utf8Slice(subjectAt, subjectEnd));
  if (queues.length > 0) words.push(hasReply ? "+" : "|");
  if (hasReply) words.push(bytes.utf8Slice(replyAt, replyEnd));
  for (const queue of queues) words.push(Buffer.from(queue, "latin1").utf8Slice());
  words.push(bytes.utf8Slice(hasReply ? replyEnd + 1 : tailAt, payloadAt - 2));
  traceOnRoute(link, "<<-", words.join(" "), message);
}

export function traceToRoute(link: RouteLink, line: string, message: Publish): void {
  traceOnRoute(link, "->>", line, message);
}

function traceOnRoute(link: RouteLink, arrow: string, line: string, message: Publish): void {
  if (link.trace === undefined) return;
  link.trace(`${arrow} [${line}]`);
  const payload = link.traceOptions === undefined ? null : payloadText(link.traceOptions, message);
  if (payload !== null) link.trace(`${arrow} MSG_PAYLOAD: [${payload}]`);
}

/** What a trace shows of a message, in quotes and cut at the limit; null when there is nothing to show. */
function payloadText(options: TraceOptions, message: Publish): string | null {
  const { maxTracedMsgLen: limit, traceHeaders } = options;
  const { bytes, payloadAt, totalBytes, headerBytes } = message;
  if (traceHeaders) {
    const block = bytes.latin1Slice(payloadAt, payloadAt + headerBytes).trimEnd();
    return headerBytes === 0 ? null : quote(block);
  }
  if (totalBytes === 0) return null;
  if (limit <= 0 || totalBytes <= limit) {
    return quote(bytes.latin1Slice(payloadAt, payloadAt + totalBytes));
  }
  return `${quote(bytes.latin1Slice(payloadAt, payloadAt + limit)).slice(0, -1)}..."`;
}
