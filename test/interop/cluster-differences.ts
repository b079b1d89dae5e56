// Where Midge hears a line on a route otherwise than nats-server 2.15 does, by name and with the reason. What
// is said comes from a registered peer "D"; a client of the server has subscribed to `s`.

export interface RouteDifference {
  readonly name: string;
  readonly why: string;
  readonly says: string;
  /** All that the peer hears until a PONG or the end. */
  readonly original: readonly string[];
  readonly midge: readonly string[];
}

const UNKNOWN = ["-ERR 'Unknown Protocol Operation'\r\n", "closed"] as const;

export const ROUTE_DIFFERENCES: readonly RouteDifference[] = [
  {
    name: "a gateway's verb without an account",
    why: "nothing follows from it with an account, either",
    says: "A+\r\n",
    original: UNKNOWN,
    midge: [],
  },
  {
    name: "a client's UNSUB",
    why: "nobody says it on a route; Midge tells why it closes, as it does for other verbs of clients",
    says: "UNSUB 1\r\n",
    original: ["closed"],
    midge: UNKNOWN,
  },
  {
    name: "a client's SUB",
    why: "the original swallows it and makes its sender believe that it is heard",
    says: "SUB x 1\r\n",
    original: [],
    midge: UNKNOWN,
  },
  {
    name: "a weight below nothing",
    why: "no server says it; the original takes any word for a weight",
    says: "RS+ $G x q -1\r\n",
    original: [],
    midge: ["closed"],
  },
  {
    name: "a message with the mark of groups and a reply, but no group",
    why: "no server says it; the original delivers it as if it had no mark",
    says: "RMSG $G s + r 1\r\nx\r\n",
    original: [],
    midge: ["closed"],
  },
  {
    name: "interest of nobody's account in an impossible subject",
    why: "the original looks for the account first; either way nothing comes of it",
    says: "RS+ NOPE a..b\r\n",
    original: [],
    midge: ["-ERR 'Invalid Subscription'\r\n"],
  },
  {
    name: "interest named with two blanks, and withdrawn with one",
    why: "Midge knows interest by its words, the original by its bytes, and so never gets rid of it",
    says: "RS+ $G  x\r\nRS- $G x\r\n",
    original: [],
    midge: [],
  },
];
