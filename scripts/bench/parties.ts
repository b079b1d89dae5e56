// The two parties of request/reply, on sockets of their own. Frames have fixed sizes, so the
// responder finds the reply subject at a fixed place, and requesters can count bytes. Frames are
// prebuilt; only the digits that make an inbox new are written per request.
import {
  deliveryFrame,
  openClient,
  payloadOf,
  PING_BYTES,
  publishFrame,
  roundTrip,
  sendText,
  subscribeFrame,
  unsubscribeFrame,
} from "./protocol.ts";
import type { Inbox } from "./rows.ts";
import { Memory, receive, send } from "./sockets.ts";

const PAYLOAD = payloadOf(16);
const SERVICE = "bench.service";
/** Stands in a template for the number of a request, eight digits. */
const NUMBER = "########";
const FIRST_NUMBER = "10000000";
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const LETTER_M = 0x4d;

/**
 * The bytes of one request and what comes back for it. Every mode's are as long as real clients
 * make them.
 */
interface Exchange {
  /** Subscribed before the load. */
  readonly standing: string;
  readonly reply: string;
  readonly request: string;
  readonly answerBytes: number;
}

function exchangeOf(inbox: Inbox, requester: number): Exchange {
  const name = `bench${requester}`;
  const mailbox = `_INBOX.${name.padEnd(22, "a")}`;
  switch (inbox) {
    case "fixed":
      return exchange(subscribeFrame(mailbox, "1"), "", mailbox, "1");
    case "wildcard":
      return exchange(subscribeFrame(`${mailbox}.*`, "1"), "", `${mailbox}.${NUMBER}`, "1");
    case "new": {
      const reply = `_INBOX.${name.padEnd(22 - NUMBER.length, "a")}${NUMBER}`;
      const churn = subscribeFrame(reply, NUMBER) + unsubscribeFrame(NUMBER, 1);
      return exchange("", churn, reply, NUMBER);
    }
  }
}

function exchange(standing: string, churn: string, reply: string, sid: string): Exchange {
  const request = churn + publishFrame(SERVICE, PAYLOAD, reply);
  return { standing, reply, request, answerBytes: deliveryFrame(reply, sid, PAYLOAD).length };
}

/** A client that asks. */
export class Requester {
  readonly socket: number;
  /** Length of the delivery that answers one request. */
  readonly answerBytes: number;
  asked = 0;
  /** Room for a whole window of requests, filled with the same template again and again. */
  readonly #slots: Memory;
  readonly #slotBytes: number;
  /** Where in a slot the number of the request stands. */
  readonly #places: readonly number[];
  readonly #number = Buffer.from(FIRST_NUMBER);
  readonly #answer = new Memory(4096);

  constructor(port: number, inbox: Inbox, number: number, atMost: number) {
    const { standing, request, answerBytes } = exchangeOf(inbox, number);
    this.socket = openClient(port);
    if (standing !== "") {
      sendText(this.socket, standing);
      roundTrip(this.socket);
    }
    this.answerBytes = answerBytes;
    this.#slots = new Memory(request.repeat(atMost));
    this.#slotBytes = request.length;
    this.#places = [...request.matchAll(/#+/g)].map((match) => match.index);
  }

  ask(count: number): void {
    if (this.#places.length > 0) {
      for (let i = 0; i < count; i++) this.#renew(i * this.#slotBytes);
    }
    this.asked += count;
    send(this.socket, this.#slots.address, count * this.#slotBytes);
  }

  /** Waits for the answer to a single request. */
  awaitAnswer(): void {
    const { bytes, address } = this.#answer;
    let missing = this.answerBytes;
    for (let fresh = true; missing > 0; fresh = false) {
      const n = receive(this.socket, address, missing);
      if (fresh && bytes[0] !== LETTER_M) missing += PING_BYTES; // the server's own PING came first
      missing -= n;
    }
  }

  #renew(slot: number): void {
    const number = this.#number;
    let last = number.length - 1;
    while (number[last] === DIGIT_9) number[last--] = DIGIT_0;
    number[last]!++;
    for (const place of this.#places) {
      for (let i = 0; i < number.length; i++) this.#slots.bytes[slot + place + i] = number[i]!;
    }
  }
}

/** A client that answers every request with the same payload. */
export class Responder {
  readonly socket: number;
  readonly #input = new Memory(256 * 1024);
  readonly #output: Memory;
  readonly #requestBytes: number;
  readonly #answerBytes: number;
  /** Where a request carries its reply subject. */
  readonly #from: number;
  readonly #to: number;
  /** Bytes at the start of the input that are not a whole request yet. */
  #pending = 0;

  constructor(port: number, inbox: Inbox, atMost: number, group = "") {
    const { reply } = exchangeOf(inbox, 0);
    const request = deliveryFrame(SERVICE, "1", PAYLOAD, reply);
    const answer = publishFrame(reply, PAYLOAD);
    this.#requestBytes = request.length;
    this.#from = request.indexOf(reply);
    this.#to = this.#from + reply.length;
    this.#answerBytes = answer.length;
    this.#output = new Memory(answer.repeat(atMost));
    this.socket = openClient(port);
    sendText(this.socket, subscribeFrame(SERVICE, "1", group));
    roundTrip(this.socket);
  }

  /**
   * Reads with `read`, answers the requests that are complete now and returns how many they were.
   */
  answer(read: (socket: number, address: number, length: number) => number): number {
    const { bytes, address } = this.#input;
    const room = bytes.length - this.#pending;
    const end = this.#pending + read(this.socket, address + this.#pending, room);
    const output = this.#output.bytes;
    const subjectAt = "PUB ".length;
    let at = 0;
    let answers = 0;
    while (end - at >= this.#requestBytes) {
      if (bytes[at] !== LETTER_M) {
        at += PING_BYTES; // the server's own PING; a bench is over before it expects the answer
        continue;
      }
      bytes.copy(output, answers * this.#answerBytes + subjectAt, at + this.#from, at + this.#to);
      answers++;
      at += this.#requestBytes;
    }
    this.#pending = end - at;
    if (this.#pending > 0) bytes.copyWithin(0, at, end);
    if (answers > 0) send(this.socket, this.#output.address, answers * this.#answerBytes);
    return answers;
  }
}
