// SqlHistory: what was run, which the server keeps for its user.
//
// Owned by Queries. What could not be saved yet is listed too, is tried again, and is remembered in
// the browser meanwhile, with the machine it ran on: another user of the browser does not send it.

import type { Failure } from "../../lib/transport.js";
import { Backoff } from "../../protocol/backoff.js";
import type { HistoryEntry } from "./memory.js";
import type { SqlApi } from "./sql_api.js";

/** So many the server keeps. */
export const history_max = 200;
/** A longer text is not kept in the history. */
export const history_bytes_max = 64 * 1024;
/** What will be refused the next time too. */
const hopeless: ReadonlySet<Failure["code"]> = new Set(["invalid", "too_large"]);

export type HistoryApi = Pick<SqlApi, "history" | "addHistory" | "clearHistory">;

const without = (entries: readonly HistoryEntry[], text: string): HistoryEntry[] => entries.filter((each) => each.text !== text);

export class SqlHistory {
  readonly #api: HistoryApi;
  readonly #changed: () => void;
  readonly #backoff = new Backoff(Math.random);
  #saved = $state.raw<readonly HistoryEntry[]>([]);
  #unsaved = $state.raw<readonly HistoryEntry[]>([]);
  #failure = $state.raw<Failure | undefined>(undefined);
  #sending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is called when there is something else to remember. */
  constructor(api: HistoryApi, changed: () => void) {
    this.#api = api;
    this.#changed = changed;
  }

  /** The last first. */
  get entries(): readonly HistoryEntry[] {
    const waiting = this.#unsaved.map(({ text }) => text);
    const saved = this.#saved.filter(({ text }) => !waiting.includes(text));
    return [...this.#unsaved, ...saved].sort((a, b) => b.at_ms - a.at_ms).slice(0, history_max);
  }

  /** What the server does not have yet. */
  get unsaved(): readonly HistoryEntry[] {
    return this.#unsaved;
  }

  /** Why the history could not be read or cleared. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Takes up what was not saved the last time. */
  restore(unsaved: readonly HistoryEntry[]): void {
    this.#unsaved = unsaved;
    void this.#send();
  }

  async load(): Promise<void> {
    const answer = await this.#api.history();
    this.#failure = answer.ok ? undefined : answer.error;
    if (answer.ok) this.#saved = answer.value;
  }

  add(entry: HistoryEntry): void {
    if (entry.text === "" || entry.text.includes("\0")) return;
    if (new TextEncoder().encode(entry.text).length > history_bytes_max) return;
    this.#unsaved = [entry, ...without(this.#unsaved, entry.text)].slice(0, history_max);
    this.#changed();
    void this.#send();
  }

  async clear(): Promise<void> {
    const answer = await this.#api.clearHistory();
    this.#failure = answer.ok ? undefined : answer.error;
    if (!answer.ok) return;
    this.#saved = [];
    this.#unsaved = [];
    this.#changed();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  /** One after the other, the oldest first, until one fails; then again after a while. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    for (let entry = this.#unsaved.at(-1); entry !== undefined; entry = this.#unsaved.at(-1)) {
      const answer = await this.#api.addHistory(entry);
      if (!answer.ok && !hopeless.has(answer.error.code)) {
        this.#timer = setTimeout(() => void this.#send(), this.#backoff.next());
        break;
      }
      this.#backoff.reset();
      this.#keep(entry);
    }
    this.#sending = false;
  }

  #keep(entry: HistoryEntry): void {
    // It may have been run again, or cleared, meanwhile.
    if (!this.#unsaved.includes(entry)) return;
    this.#unsaved = this.#unsaved.filter((each) => each !== entry);
    this.#saved = [entry, ...without(this.#saved, entry.text)].slice(0, history_max);
    this.#changed();
  }
}
