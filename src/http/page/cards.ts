// The charts of the page, each a card with the newest numbers: what they show and in which words.
import type { SampleField, Totals } from "../live-shapes.ts";
import { bytes, bytesPerSecond, milliseconds, percent, perSecond, short, whole } from "./format.ts";

export type Ink = "in" | "out" | "calm" | "warm" | "alarm";

export interface Line {
  readonly field: SampleField;
  readonly label: string;
  readonly ink: Ink;
}

export interface Card {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly Line[];
  /** How a value of a line, and a mark of the axis, is written. */
  readonly format: (value: number) => string;
  readonly mark: (value: number) => string;
  /** The axis reaches at least this far. */
  readonly reach: number;
  /** What else there is to say. */
  readonly note?: (totals: Totals) => string;
  readonly isLarge?: boolean;
  readonly hasBars?: boolean;
}

const both = (what: "Msgs" | "Bytes"): Line[] => [
  { field: `in${what}`, label: "in", ink: "in" },
  { field: `out${what}`, label: "out", ink: "out" },
];

export const CARDS: readonly Card[] = [
  {
    id: "messages",
    title: "Messages",
    lines: both("Msgs"),
    format: perSecond,
    mark: short,
    reach: 10,
    note: ({ inMsgs, outMsgs }) => `${short(inMsgs)} in, ${short(outMsgs)} out since the start`,
    isLarge: true,
  },
  {
    id: "bytes",
    title: "Data",
    lines: both("Bytes"),
    format: bytesPerSecond,
    mark: bytes,
    reach: 1000,
    note: ({ inBytes, outBytes }) => `${bytes(inBytes)} in, ${bytes(outBytes)} out since the start`,
    isLarge: true,
  },
  {
    id: "connections-now",
    title: "Connections",
    lines: [{ field: "connections", label: "", ink: "calm" }],
    format: whole,
    mark: short,
    reach: 5,
    note: ({ connections }) => `${short(connections)} since the start`,
  },
  {
    id: "subscriptions",
    title: "Subscriptions",
    lines: [{ field: "subscriptions", label: "", ink: "calm" }],
    format: whole,
    mark: short,
    reach: 5,
  },
  {
    id: "cpu",
    title: "CPU",
    lines: [{ field: "cpu", label: "", ink: "calm" }],
    format: percent,
    mark: (value) => `${short(value)} %`,
    reach: 10,
    note: () => "of one core",
  },
  {
    id: "memory",
    title: "Memory",
    lines: [{ field: "memory", label: "", ink: "calm" }],
    format: bytes,
    mark: bytes,
    reach: 10e6,
    note: () => "resident",
  },
  {
    id: "slow",
    title: "Slow consumers",
    lines: [{ field: "slowConsumers", label: "", ink: "alarm" }],
    format: perSecond,
    mark: short,
    reach: 2,
    note: ({ slowConsumers }) => `${whole(slowConsumers)} closed since the start`,
    hasBars: true,
  },
  {
    id: "loop",
    title: "Event-loop delay",
    lines: [
      { field: "loopP50", label: "median", ink: "calm" },
      { field: "loopMax", label: "worst", ink: "warm" },
    ],
    format: milliseconds,
    mark: milliseconds,
    reach: 5,
    note: () => "in the last second",
  },
];
