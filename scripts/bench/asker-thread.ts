// The thread of an Asker. It posts one message when it ends: all answers, or why it could not get one.
import { type Answer, ASKING, OVER, RESTING } from "./asker.ts";

declare const self: Worker;

export interface Task {
  readonly urls: readonly string[];
  readonly periodSeconds: number;
  /** False opens a connection for every question, as probes do. */
  readonly keepAlive: boolean;
  readonly state: Int32Array;
}

self.onmessage = async ({ data }: MessageEvent<Task>) => {
  try {
    self.postMessage(await work(data));
  } catch (error) {
    self.postMessage(error instanceof Error ? error.message : String(error));
  }
};

async function work({ urls, periodSeconds, keepAlive, state }: Task): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (;;) {
    Atomics.wait(state, 0, RESTING);
    if (Atomics.load(state, 0) === OVER) return answers;
    const begin = Bun.nanoseconds();
    for (const url of urls) answers.push(await ask(url, keepAlive));
    const rest = periodSeconds * 1e3 - (Bun.nanoseconds() - begin) / 1e6;
    // Woken at once when there is nothing more to ask.
    if (rest > 0) Atomics.wait(state, 0, ASKING, rest);
  }
}

async function ask(url: string, keepalive: boolean): Promise<Answer> {
  const begin = Bun.nanoseconds();
  const response = await fetch(url, { keepalive });
  const { byteLength: bytes } = await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}`);
  return { question: url, seconds: (Bun.nanoseconds() - begin) / 1e9, bytes };
}
