// How a random script may end: operations that no server accepts, and valid ones with damaged bytes.
import type { Dice } from "../support/dice.ts";

/** Operations that are wrong in one way each, and where every nats-server says so in the same way. */
export function endings(
  root: string,
  limits: { readonly maxPayload: number; readonly maxControlLine: number },
): readonly string[] {
  const long = `${root}.${"x".repeat(Math.min(limits.maxControlLine, 400))}`;
  return [
    "\r\n",
    "\tPING\r\n",
    "X\r\n",
    "PIN\r\n",
    "PUBX a 0\r\n\r\n",
    "MSG a 1 0\r\n\r\n",
    "HMSG a 1 2 2\r\nhi\r\n",
    "RMSG $G a 0\r\n\r\n",
    "RS+ $G a\r\n",
    "A+ $G\r\n",
    "-ERR 'x'\r\n",
    "-ERR\r\n",
    "INFO x\r\n",
    "INFO\r\n",
    "+NO\r\n",
    "CONNECT\r\n",
    "CONNECT []\r\n",
    "CONNECT {} {}\r\n",
    'CONNECT {"verbose":1}\r\n',
    'CONNECT {"protocol":2}\r\n',
    'CONNECT {"protocol":1.0}\r\n',
    'CONNECT {"no_responders":true,"headers":false}\r\n',
    'CONNECT {"account":"x"}\r\n',
    'CONNECT {"name":"\\ud800"}\r\n',
    'CONNECT {"name":"a\x01"}\r\n',
    'CONNECT {"echo":null,"verbose":true,}\r\n',
    "PUB\r\n",
    "PUB  \r\n",
    `PUB ${root}\r\n`,
    `PUB ${root} a b 0\r\n\r\n`,
    `PUB ${root} x\r\n`,
    `PUB ${root} -1\r\n`,
    `PUB ${root} 1x\r\nx\r\n`,
    `PUB ${root} 0000000000\r\n\r\n`,
    `PUB ${root} 3\r\nab\r\n`,
    `PUB ${root} 1\r\nab\r\n`,
    `PUB ${root} 1\r\na\n`,
    `PUB ${root} 1\na\r\r`,
    `PUB ${root} 4`,
    `PUB ${root} 4\r\nab`,
    `PUB ${root} ${limits.maxPayload + 1}\r\n`,
    `PUB ${root} 999999999\r\n`,
    `PUB ${long} 0\r\n\r\n`,
    "SUB\r\n",
    "SUB  \r\n",
    `SUB ${root}\r\n`,
    `SUB ${root} a b c\r\n`,
    `SUB ${long} 1\r\n`,
    `SUB ${long}`,
    "UNSUB\r\n",
    "UNSUB  \r\n",
    "UNSUB 1 2 3\r\n",
    `UNSUB ${long}\r\n`,
    `HPUB ${root} 0 0\r\n\r\n`,
    `HPUB ${root} 2 1\r\nab\r\n`,
    `HPUB ${root} 1\r\na\r\n`,
    `HPUB ${root} a b c 0 0\r\n\r\n`,
    `HPUB ${root} 12 14\r\nNATS/1.0\r\n\r\nhi\r`,
    "\x16\x03\x01\x02\x00",
    "GET / HTTP/1.1\r\n\r\n",
    "\x00\x00\x00\x00",
    "\xff\xfe\r\n",
  ];
}

const BYTES = ["\n", " ", "\t", "0", "9", ".", "*", ">", "'", '"', "{", "\x00", "\xff"];

/**
 * The text with a few bytes changed, dropped, doubled or moved. No CR is left alone in a line: nats-server
 * loses it where a read happens to end, so its answer is not the same twice.
 */
export function mutate(text: string, dice: Dice): string {
  let bytes = text;
  for (let count = 1 + dice.below(3); count > 0; count--) {
    const at = dice.below(bytes.length + 1);
    const upto = Math.min(bytes.length, at + 1 + dice.below(6));
    const piece = bytes.slice(at, upto);
    const rest = bytes.slice(upto);
    const kept = bytes.slice(0, at);
    const choices = [
      kept + rest,
      kept + piece + piece + rest,
      kept + dice.pick(BYTES) + piece.slice(1) + rest,
      kept + dice.pick(BYTES) + piece + rest,
      kept +
        String.fromCharCode((piece.charCodeAt(0) || 0) ^ (1 << dice.below(8))) +
        piece.slice(1) +
        rest,
      piece + kept + rest,
      kept,
    ];
    bytes = dice.pick(choices);
  }
  return bytes.replace(/\r(?!\n)/g, "");
}
