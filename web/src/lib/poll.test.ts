import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { poll } from "./poll.js";

class FakeDocument extends EventTarget {
  hidden = false;

  show(shown: boolean): void {
    this.hidden = !shown;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

let page: FakeDocument;
beforeEach(() => {
  vi.useFakeTimers();
  page = new FakeDocument();
  vi.stubGlobal("document", page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks at once and then in intervals, until it is ended", async () => {
  let count = 0;
  const end = poll(() => Promise.resolve(++count), 1000);
  await vi.advanceTimersByTimeAsync(2500);
  expect(count).toBe(3);
  end();
  await vi.advanceTimersByTimeAsync(5000);
  expect(count).toBe(3);
});

it("waits for an answer that is late", async () => {
  let count = 0;
  let answer = (): void => undefined;
  const end = poll(() => new Promise<void>((resolve) => ((answer = resolve), (count += 1))), 1000);
  await vi.advanceTimersByTimeAsync(5500);
  expect(count).toBe(1);
  answer();
  await vi.advanceTimersByTimeAsync(1000);
  expect(count).toBe(2);
  end();
});

it("asks nothing while nobody looks, and at once when somebody does again", async () => {
  let count = 0;
  const end = poll(() => Promise.resolve(++count), 1000);
  page.show(false);
  await vi.advanceTimersByTimeAsync(9000);
  expect(count).toBe(1);
  page.show(true);
  expect(count).toBe(2);
  end();
});
