import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { fail, succeed } from "../../lib/result.js";
import { makeFailure, type Answer, type Failure } from "../../lib/transport.js";
import { history_bytes_max, SqlHistory } from "./history.svelte.js";
import type { HistoryEntry } from "./memory.js";

const entry = (text: string, at_ms = 1): HistoryEntry => ({ text, engine: "sqlite", database: "main", at_ms, elapsed_ms: 1, failed: false });

/** A server that keeps what it is sent, unless it fails. */
class FakeServer {
  failure: Failure["code"] | undefined;
  kept: HistoryEntry[] = [];

  async history(): Answer<readonly HistoryEntry[]> {
    return this.#answer(this.kept);
  }
  async addHistory(added: HistoryEntry): Answer<undefined> {
    if (this.failure === undefined) this.kept = [added, ...this.kept];
    return this.#answer(undefined);
  }
  async clearHistory(): Answer<undefined> {
    if (this.failure === undefined) this.kept = [];
    return this.#answer(undefined);
  }
  #answer<T>(value: T): Answer<T> {
    return Promise.resolve(this.failure === undefined ? succeed(value) : fail(makeFailure(this.failure)));
  }
}

describe("the history", () => {
  let server: FakeServer;
  let changes = 0;
  const make = (): SqlHistory => new SqlHistory(server, () => (changes += 1));
  const texts = (history: SqlHistory): readonly string[] => history.entries.map(({ text }) => text);

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    changes = 0;
  });
  afterEach(() => vi.useRealTimers());

  it("lists each text once, as it ran last", async () => {
    server.kept = [entry("b", 2), entry("a", 1)];
    const history = make();
    await history.load();
    history.add(entry("a", 3));
    expect(texts(history)).toEqual(["a", "b"]);
    await vi.runAllTimersAsync();
    expect(server.kept[0]).toEqual(entry("a", 3));
    expect(texts(history)).toEqual(["a", "b"]);
    expect(history.unsaved).toEqual([]);
  });

  it("keeps what could not be saved, and saves it in its order when the server is back", async () => {
    server.failure = "unreachable";
    const history = make();
    history.add(entry("a", 1));
    history.add(entry("b", 2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(texts(history)).toEqual(["b", "a"]);
    expect(history.unsaved).toHaveLength(2);
    expect(changes).toBe(2);
    server.failure = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.kept.map(({ text }) => text)).toEqual(["b", "a"]);
    expect(history.unsaved).toEqual([]);
    expect(texts(history)).toEqual(["b", "a"]);
  });

  it("saves what another page could not", async () => {
    const history = make();
    history.restore([entry("a")]);
    await vi.runAllTimersAsync();
    expect(server.kept).toEqual([entry("a")]);
  });

  it("does not send again what the server will never take", async () => {
    server.failure = "invalid";
    const history = make();
    history.add(entry("a"));
    await vi.runAllTimersAsync();
    expect(history.unsaved).toEqual([]);
    expect(texts(history)).toEqual(["a"]);
  });

  it("leaves out what is too long, counted in bytes", () => {
    const history = make();
    history.add(entry("马".repeat(history_bytes_max / 2)));
    history.add(entry("a\0b"));
    expect(texts(history)).toEqual([]);
  });

  it("says when it could not be cleared, and keeps it", async () => {
    server.kept = [entry("a")];
    const history = make();
    await history.load();
    server.failure = "unavailable";
    await history.clear();
    expect(history.failure?.code).toBe("unavailable");
    expect(texts(history)).toEqual(["a"]);
    server.failure = undefined;
    await history.clear();
    expect(history.failure).toBeUndefined();
    expect(texts(history)).toEqual([]);
  });
});
