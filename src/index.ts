// The library: what a program that embeds a broker may import, and nothing else.

export { Midge } from "./server.ts";
export { type MidgeOptions, type Options, OptionsError } from "./config/options.ts";
export { ReloadError } from "./config/reload.ts";
export type { Logger } from "./log/logger.ts";
