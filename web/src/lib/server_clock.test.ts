import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { server_clock } from "./server_clock.svelte.js";

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => vi.useRealTimers());

it("follows the server where this computer's clock is wrong, and not where it is right", () => {
  server_clock.heard(new Date(Date.now() + 900).toUTCString());
  expect(server_clock.now_ms()).toBe(Date.now());
  server_clock.heard(new Date(Date.now() - 3_600_000).toUTCString());
  expect(server_clock.now_ms()).toBe(Date.now() - 3_600_000);
  server_clock.heard(null);
  server_clock.heard("nonsense");
  server_clock.heard(new Date(Date.now() - 3_599_000).toUTCString());
  expect(server_clock.now_ms()).toBe(Date.now() - 3_600_000);
  server_clock.heard(new Date().toUTCString());
  expect(server_clock.now_ms()).toBe(Date.now());
});
