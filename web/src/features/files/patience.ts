// patiently(): a request that waits for a server that is busy, within bounds.

import type { Answer } from "../../lib/api.js";

const tries_max = 20;
const wait_max_s = 15;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });

/** Asks again after a 429, when its Retry-After has passed, until `signal` ends it. */
export async function patiently<T>(signal: AbortSignal, ask: () => Answer<T>): Answer<T> {
  for (let tries = 1; ; ++tries) {
    const answer = await ask();
    if (answer.ok || answer.error.code !== "exhausted" || tries === tries_max) return answer;
    await pause(1000 * Math.min(answer.error.retry_after_s ?? 1, wait_max_s), signal);
    if (signal.aborted) return answer;
  }
}
