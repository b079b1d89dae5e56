// What the fuzzer feeds: the transcripts of the wire tests, damaged. A text holds one byte per character.
import type { Dice } from "../../test/support/dice.ts";
import { connectLine } from "../../test/support/wire.ts";
import { TRANSCRIPTS } from "../../test/wire/transcripts.ts";

/** Longer inputs are cut: many short ones find more than a few long ones. */
const INPUT_BYTES_MAX = 2_000;
const MUTATIONS_MAX = 4;

/** What a client says in each transcript, CONNECT included. */
const CORPUS: readonly string[] = TRANSCRIPTS.map(({ connect, says }) =>
  connect ? connectLine(connect) + says : says,
);

/** Numbers at the edges of sizes, limits and integer types. */
const EDGES = [
  "0",
  "1",
  "9",
  "00",
  "000000000",
  "0000000000",
  "63",
  "64",
  "65",
  "511",
  "512",
  "4095",
  "4096",
  "4097",
  "65535",
  "65536",
  "1048576",
  "1048577",
  "999999999",
  "1000000000",
  "2147483647",
  "2147483648",
  "4294967295",
  "4294967296",
  "9007199254740993",
  "18446744073709551615",
  "18446744073709551618",
  "-1",
  "+1",
  "0x1",
  "1e1",
  "1.0",
];

/** Pieces that mean something somewhere in the protocol. */
const PIECES = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  " ",
  "\t",
  ".",
  "..",
  "*",
  ">",
  ".*",
  ".>",
  "\x00",
  "\xff",
  "\xc3\xa9",
  "{",
  "}",
  '"',
  "'",
  "PING\r\n",
  "PONG\r\n",
  "PUB foo 0\r\n\r\n",
  "PUB foo foo 3\r\nabc\r\n",
  "pub foo ",
  "HPUB foo 12 12\r\nNATS/1.0\r\n\r\n\r\n",
  "SUB foo 1\r\n",
  "SUB > 2\r\n",
  "SUB foo q 3\r\n",
  "UNSUB 1\r\n",
  "UNSUB 1 1\r\n",
  "CONNECT {}\r\n",
  "CONNECT ",
  "INFO {}\r\n",
  "-ERR ",
  "+OK\r\n",
  "Nats-Trace-Dest: foo\r\n",
  "Nats-Trace-Only: 1\r\n",
  "_GR_.",
  "_R_.",
  "$NRG.",
  "$JS.ACK.",
  "_sys_",
];

type Mutation = (text: string, dice: Dice) => string;

/** A place in the text and one up to `lengthMax` bytes behind it. */
function span(text: string, dice: Dice, lengthMax: number): [from: number, upto: number] {
  const from = dice.below(text.length + 1);
  return [from, Math.min(text.length, from + 1 + dice.below(lengthMax))];
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(text, dice) {
    const at = dice.below(text.length);
    const byte = String.fromCharCode(text.charCodeAt(at) ^ (1 << dice.below(8)));
    return text.slice(0, at) + byte + text.slice(at + 1);
  },
  function replaceByte(text, dice) {
    const at = dice.below(text.length);
    return text.slice(0, at) + String.fromCharCode(dice.below(256)) + text.slice(at + 1);
  },
  function remove(text, dice) {
    const [from, upto] = span(text, dice, 12);
    return text.slice(0, from) + text.slice(upto);
  },
  function repeat(text, dice) {
    const [from, upto] = span(text, dice, 40);
    const piece = text.slice(from, upto);
    return text.slice(0, upto) + piece.repeat(1 + dice.below(4)) + text.slice(upto);
  },
  function insertPiece(text, dice) {
    const at = dice.below(text.length + 1);
    return text.slice(0, at) + dice.pick(PIECES) + text.slice(at);
  },
  function changeNumber(text, dice) {
    const start = dice.below(text.length);
    for (let at = start; at < text.length; at++) {
      if (!isDigit(text, at)) continue;
      let upto = at + 1;
      while (isDigit(text, upto)) upto++;
      return text.slice(0, at) + dice.pick(EDGES) + text.slice(upto);
    }
    return text;
  },
  function splice(text, dice) {
    const other = dice.pick(CORPUS);
    return text.slice(0, dice.below(text.length + 1)) + other.slice(dice.below(other.length + 1));
  },
  function follow(text, dice) {
    return text + dice.pick(CORPUS);
  },
  function insertOther(text, dice) {
    const other = dice.pick(CORPUS);
    const [from, upto] = span(other, dice, 60);
    const at = dice.below(text.length + 1);
    return text.slice(0, at) + other.slice(from, upto) + text.slice(at);
  },
  function repeatCommand(text, dice) {
    // Publishes that are alike are taken together: make some, whole and in a row.
    const commands = [...text.matchAll(/H?PUB [^\r\n]*\r\n[^]*?\r\n(?=[HPSUC]|$)/g)];
    const command = commands.length > 0 ? dice.pick(commands) : undefined;
    if (command === undefined) return text;
    const upto = command.index + command[0].length;
    return text.slice(0, upto) + command[0].repeat(1 + dice.below(6)) + text.slice(upto);
  },
  function truncate(text, dice) {
    return text.slice(0, dice.below(text.length + 1));
  },
  function changeCase(text, dice) {
    const [from, upto] = span(text, dice, 8);
    return text.slice(0, from) + text.slice(from, upto).toLowerCase() + text.slice(upto);
  },
];

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** A fuzz input: valid once in a while, damaged in a few places otherwise. */
export function makeInput(dice: Dice): string {
  let text = dice.pick(CORPUS);
  for (let count = dice.below(dice.below(MUTATIONS_MAX) + 2); count > 0; count--) {
    text = dice.pick(MUTATIONS)(text, dice) || dice.pick(CORPUS);
  }
  return text.slice(0, INPUT_BYTES_MAX);
}

/** Where an input of so many bytes is cut into chunks, in order. */
export function makeCuts(dice: Dice, bytes: number): number[] {
  // One byte at a time is the hardest way to be told something.
  if (dice.once(16)) return Array.from({ length: Math.max(0, bytes - 1) }, (_, at) => at + 1);
  const cuts = Array.from({ length: 1 + dice.below(6) }, () => dice.below(bytes + 1));
  return cuts.sort((a, b) => a - b);
}
