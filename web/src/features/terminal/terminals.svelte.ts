// Terminals: the tabs of one machine's terminals.
//
// The server's list is the truth: it is read at the start and again every few seconds while the
// page is looked at, so titles follow the foreground process and other pages' terminals appear.
// Which tab is shown is this browser tab's own, and outlives a reload.

import type { Api, Failure } from "../../lib/api.js";
import { baseName } from "../../lib/format.js";
import { poll } from "../../lib/poll.js";
import { recallText, remember } from "../../lib/tab_memory.js";
import type { Terminal } from "../../protocol/api.generated.js";
import type { Size } from "./pane_size.svelte.js";

const poll_interval_ms = 3000;

/** The program that would end with `terminal`, beside the shell that it was opened for. */
export function busyWith(terminal: Terminal): string | undefined {
  const opened_for = baseName(terminal.argv[0] ?? "").replace(/^-/, "");
  const idle = terminal.exited || terminal.title === "" || terminal.title.replace(/^-/, "") === opened_for;
  return idle ? undefined : terminal.title;
}

interface Failed {
  readonly failure: Failure;
  readonly again: () => Promise<void>;
}

export class Terminals {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #memory_key: string;
  readonly #size: () => Size;
  #list = $state.raw<readonly Terminal[]>([]);
  #loaded = $state(false);
  #opening = $state(false);
  #active = $state<string | undefined>(undefined);
  #failed = $state.raw<Failed | undefined>(undefined);
  /** Counts what this page has opened and closed: a list asked for before that is out of date. */
  #changes = 0;

  /** `size` is what a new terminal is opened with. */
  constructor(api: Api, sandbox_id: string, size: () => Size) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
    this.#size = size;
    this.#memory_key = `paddock.terminal.${sandbox_id}`;
  }

  get list(): readonly Terminal[] {
    return this.#list;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get opening(): boolean {
    return this.#opening;
  }

  get active(): string | undefined {
    return this.#active;
  }

  get failure(): Failure | undefined {
    return this.#failed?.failure;
  }

  find(terminal_id: string): Terminal | undefined {
    return this.#list.find((terminal) => terminal.id === terminal_id);
  }

  dismissFailure(): void {
    this.#failed = undefined;
  }

  activate(terminal_id: string): void {
    this.#active = terminal_id;
    remember(this.#memory_key, terminal_id);
  }

  /** Activates the tab `step` places further, around the end. */
  move(step: number): void {
    const at = this.#list.findIndex((terminal) => terminal.id === this.#active);
    const next = this.#list.at((at + step) % this.#list.length);
    if (next !== undefined) this.activate(next.id);
  }

  /** Reads the list, opens a first terminal when there is none, and keeps reading it. */
  follow(): () => void {
    let end: (() => void) | undefined;
    let over = false;
    void this.#start().then(() => {
      if (!over) end = poll(() => this.#refresh(), poll_interval_ms);
    });
    return () => {
      over = true;
      end?.();
    };
  }

  /** Does again what failed last. */
  async retry(): Promise<void> {
    const failed = this.#failed;
    this.#failed = undefined;
    await failed?.again();
  }

  async open(): Promise<void> {
    if (this.#opening) return;
    this.#opening = true;
    const { columns, rows } = this.#size();
    const terminal = await this.#api.openTerminal(this.#sandbox_id, columns, rows);
    this.#opening = false;
    this.#changes += 1;
    if (!terminal.ok) {
      this.#failed = { failure: terminal.error, again: () => this.open() };
      return;
    }
    this.#failed = undefined;
    if (this.find(terminal.value.id) === undefined) this.#list = [...this.#list, terminal.value];
    this.activate(terminal.value.id);
  }

  async close(terminal_id: string): Promise<void> {
    const closed = await this.#api.closeTerminal(terminal_id);
    this.#changes += 1;
    if (closed.ok || closed.error.code === "not_found") this.#remove(terminal_id);
    else this.#failed = { failure: closed.error, again: () => this.close(terminal_id) };
  }

  async #start(): Promise<void> {
    await this.#refresh();
    if (this.#failed === undefined && this.#list.length === 0) await this.open();
  }

  async #refresh(): Promise<void> {
    const changes_before = this.#changes;
    const list = await this.#api.terminals(this.#sandbox_id);
    if (!list.ok) {
      if (!this.#loaded) this.#failed = { failure: list.error, again: () => this.#start() };
      return;
    }
    // What was on its way while a terminal was opened or closed may not know of that.
    if (changes_before === this.#changes && !this.#opening) this.#replace(list.value);
    this.#loaded = true;
  }

  #replace(list: readonly Terminal[]): void {
    this.#list = list;
    if (this.#active !== undefined && this.find(this.#active) !== undefined) return;
    const remembered = this.find(recallText(this.#memory_key) ?? "");
    this.#active = (remembered ?? list.at(-1))?.id;
  }

  #remove(terminal_id: string): void {
    const at = this.#list.findIndex((terminal) => terminal.id === terminal_id);
    const rest = this.#list.filter((terminal) => terminal.id !== terminal_id);
    this.#list = rest;
    const next = (rest[at] ?? rest.at(-1))?.id;
    if (this.#active !== terminal_id) return;
    this.#active = next;
    remember(this.#memory_key, next);
  }
}
