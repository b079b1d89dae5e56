// The library: what a program that embeds a broker may import, and nothing else.

export { Midge } from "./embedded/midge.ts";
export type { EmbeddedOptions as MidgeOptions, InProcessOptions } from "./embedded/options.ts";
export type {
  ClientEvent,
  DisconnectEvent,
  MidgeEvents,
  MidgeListener,
} from "./embedded/client-event.ts";
export { type Options, OptionsError } from "./config/options.ts";
export type { OptionProblem } from "./config/options-error.ts";
export { ReloadError } from "./config/reload.ts";
export type { Logger } from "./log/logger.ts";
