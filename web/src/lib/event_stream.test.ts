import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { delay_ms_max } from "../protocol/backoff.js";
import { EventStream } from "./event_stream.js";

class FakeSource extends EventTarget {
  closed = false;

  close(): void {
    this.closed = true;
  }
}

let page: EventTarget & { hidden: boolean };
let sources: FakeSource[];
let refreshes: number;
let stream: EventStream;

beforeEach(async () => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  sources = [];
  refreshes = 0;
  stream = new EventStream({
    open: () => {
      sources.push(new FakeSource());
      return sources.at(-1) as unknown as EventSource;
    },
    refresh: () => Promise.resolve(void (refreshes += 1)),
    received: () => undefined,
  });
  await vi.advanceTimersByTimeAsync(0);
});
afterEach(() => {
  stream.dispose();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const show = async (shown: boolean): Promise<void> => {
  page.hidden = !shown;
  page.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
};

it("gives its connection back while the page is hidden, and reads everything when it is not", async () => {
  expect(sources.map(({ closed }) => closed)).toEqual([false]);
  await show(false);
  await vi.advanceTimersByTimeAsync(10 * delay_ms_max);
  expect(sources.map(({ closed }) => closed)).toEqual([true]);
  const before = refreshes;
  await show(true);
  expect(sources.map(({ closed }) => closed)).toEqual([true, false]);
  expect(refreshes).toBeGreaterThan(before);
});

it("comes back after an error, once", async () => {
  sources[0]?.dispatchEvent(new Event("error"));
  await vi.advanceTimersByTimeAsync(2 * delay_ms_max);
  expect(sources.map(({ closed }) => closed)).toEqual([true, false]);
});

it("opens nothing more when it is disposed, also in the middle of that", async () => {
  await show(false);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  stream.dispose();
  await vi.advanceTimersByTimeAsync(10 * delay_ms_max);
  expect(sources).toHaveLength(1);
});
