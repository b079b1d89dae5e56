// A monitor over a source of made-up numbers, and questions to it over HTTP.
import { startMonitor, type Monitor, type MonitorSettings } from "../../src/http/monitor.ts";
import { type Logger, silentLogger } from "../../src/log/logger.ts";
import { fakeSource, type FakeSource } from "./fake-source.ts";
import type { MidgeOptions } from "../../src/config/options.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
}

export class TestMonitor implements AsyncDisposable {
  readonly monitor: Monitor;
  readonly source: FakeSource;
  /** Lines of the log with their level. */
  readonly log: readonly string[];

  private constructor(monitor: Monitor, source: FakeSource, log: readonly string[]) {
    this.monitor = monitor;
    this.source = source;
    this.log = log;
  }

  static async open(
    options: MidgeOptions = {},
    settings: MonitorSettings = {},
  ): Promise<TestMonitor> {
    const log: string[] = [];
    const source = fakeSource({ httpPort: -1, ...options });
    const monitor = await startMonitor(source, loggerTo(log), settings);
    return new TestMonitor(monitor, source, log);
  }

  async ask(path: string, init: BunFetchRequestInit = {}): Promise<Answer> {
    const response = await fetch(this.monitor.url + path, { redirect: "manual", ...init });
    const { status, headers } = response;
    const type = headers.get("content-type") ?? "";
    return { status, type, headers, text: await response.text() };
  }

  /** The answer as it is meant; fails when it is not a 200 with JSON. */
  async json(path: string): Promise<Json> {
    const { status, type, text } = await this.ask(path);
    if (status !== 200 || type !== "application/json")
      throw new Error(`${status} ${type}: ${text}`);
    return JSON.parse(text) as Json;
  }

  /** The status and the words of a refusal. */
  async refusal(path: string, init: RequestInit = {}): Promise<[number, string]> {
    const { status, text } = await this.ask(path, init);
    return [status, text];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.monitor.stop();
  }
}

export type Json = Record<string, unknown>;

function loggerTo(log: string[]): Logger {
  const level = (name: string) => (text: string) => void log.push(`${name}: ${text}`);
  return {
    ...silentLogger,
    notice: level("notice"),
    warn: level("warn"),
    error: level("error"),
  };
}
