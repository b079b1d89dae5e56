// The columns of the table of connections, for open and for closed ones. Pure: from a row to text.
import type { ConnectionRow, ConnectionState, SortKey } from "../live-shapes.ts";
import {
  bytes,
  bytesPerSecond,
  duration,
  milliseconds,
  moment,
  perSecond,
  whole,
} from "./format.ts";

export interface Column {
  readonly key: SortKey;
  readonly label: string;
  /** What the label is short for. */
  readonly title: string;
  readonly isNumber?: boolean;
  /** The most interesting end is the high one: the first click sorts downwards. */
  readonly isDownward?: boolean;
  /** Where there is no room for all, the highest ones go first: 0 stays always. */
  readonly rank: 0 | 1 | 2 | 3;
  readonly text: (row: ConnectionRow, now: number) => string;
}

const orDash = (text: string) => (text === "" ? "–" : text);
const rate = (value: number | null, format: (value: number) => string) =>
  value === null ? "…" : format(value);
const number = { isNumber: true, isDownward: true } as const;

const cid: Column = {
  key: "cid",
  label: "#",
  title: "Number of the connection",
  isNumber: true,
  rank: 0,
  text: (row) => String(row.cid),
};
const name: Column = {
  key: "name",
  label: "Name",
  title: "What the client calls itself",
  rank: 0,
  text: (row) => orDash(row.name),
};
const address: Column = {
  key: "ip",
  label: "Address",
  title: "Where it connects from",
  rank: 2,
  text: (row) => (row.ip.includes(":") ? `[${row.ip}]:${row.port}` : `${row.ip}:${row.port}`),
};
const user: Column = {
  key: "user",
  label: "User",
  title: "Who logged in",
  rank: 3,
  text: (row) => orDash(row.user),
};
const account: Column = {
  key: "account",
  label: "Account",
  title: "Account that it belongs to",
  rank: 3,
  text: (row) => row.account,
};
const inMsgs: Column = {
  ...number,
  key: "inMsgs",
  label: "Msgs in",
  title: "Messages that it published",
  rank: 1,
  text: (row) => whole(row.inMsgs),
};
const outMsgs: Column = {
  ...number,
  key: "outMsgs",
  label: "Msgs out",
  title: "Messages that it was given",
  rank: 1,
  text: (row) => whole(row.outMsgs),
};

const OPEN: readonly Column[] = [
  cid,
  name,
  address,
  account,
  user,
  {
    ...number,
    key: "subscriptions",
    label: "Subs",
    title: "Subscriptions",
    rank: 2,
    text: (row) => whole(row.subscriptions),
  },
  {
    ...number,
    key: "inMsgsRate",
    label: "In",
    title: "Messages published per second",
    rank: 0,
    text: (row) => rate(row.inMsgsRate, perSecond),
  },
  {
    ...number,
    key: "outMsgsRate",
    label: "Out",
    title: "Messages given to it per second",
    rank: 0,
    text: (row) => rate(row.outMsgsRate, perSecond),
  },
  {
    ...number,
    key: "inBytesRate",
    label: "Data in",
    title: "Bytes published per second",
    rank: 2,
    text: (row) => rate(row.inBytesRate, bytesPerSecond),
  },
  {
    ...number,
    key: "outBytesRate",
    label: "Data out",
    title: "Bytes given to it per second",
    rank: 2,
    text: (row) => rate(row.outBytesRate, bytesPerSecond),
  },
  {
    ...number,
    key: "pending",
    label: "Pending",
    title: "Bytes that wait until it takes them",
    rank: 1,
    text: (row) => bytes(row.pending),
  },
  {
    ...number,
    key: "rtt",
    label: "RTT",
    title: "Round-trip time of the last ping",
    rank: 2,
    text: (row) => (row.rtt > 0 ? milliseconds(row.rtt) : "–"),
  },
  {
    ...number,
    key: "lastActivity",
    label: "Idle",
    title: "Time since the last message or subscription",
    rank: 3,
    text: (row, now) => duration(now - row.lastActivity),
  },
  {
    ...number,
    key: "startedAt",
    label: "Age",
    title: "Time since it connected",
    rank: 3,
    text: (row, now) => duration(now - row.startedAt),
  },
];

const CLOSED: readonly Column[] = [
  cid,
  name,
  {
    key: "reason",
    label: "Reason",
    title: "Why it was closed",
    rank: 0,
    text: (row) => orDash(row.reason ?? ""),
  },
  {
    ...number,
    key: "stoppedAt",
    label: "Closed",
    title: "When it was closed",
    rank: 1,
    text: (row) => moment(row.stoppedAt ?? 0),
  },
  address,
  account,
  user,
  inMsgs,
  outMsgs,
  {
    ...number,
    key: "startedAt",
    label: "Lasted",
    title: "From its beginning to its end; sorted by the beginning",
    rank: 2,
    text: (row) => duration((row.stoppedAt ?? row.startedAt) - row.startedAt),
  },
];

export function columnsFor(state: ConnectionState): readonly Column[] {
  return state === "open" ? OPEN : CLOSED;
}
