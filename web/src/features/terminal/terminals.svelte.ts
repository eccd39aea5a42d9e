// Terminals: the tabs of one machine's terminals.
//
// The server's list is the truth: it is read at the start and again every few seconds while the
// page is looked at, so titles follow the foreground process and other pages' terminals appear.

import type { Api, Failure } from "../../lib/api.js";
import type { Terminal } from "../../protocol/api.generated.js";

const poll_interval_ms = 3000;

export class Terminals {
  readonly #api: Api;
  readonly #sandbox_id: string;
  #list = $state.raw<readonly Terminal[]>([]);
  #loaded = $state(false);
  #opening = $state(false);
  #active = $state<string | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);

  constructor(api: Api, sandbox_id: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
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
    return this.#failure;
  }

  dismissFailure(): void {
    this.#failure = undefined;
  }

  activate(terminal_id: string): void {
    this.#active = terminal_id;
  }

  /** Activates the tab `step` places further, around the end. */
  move(step: number): void {
    const at = this.#list.findIndex((terminal) => terminal.id === this.#active);
    const next = this.#list.at((at + step) % this.#list.length);
    if (next !== undefined) this.#active = next.id;
  }

  /** Reads the list, opens a first terminal when there is none, and keeps reading it. */
  follow(): () => void {
    const timer = setInterval(() => {
      if (!document.hidden) void this.#refresh();
    }, poll_interval_ms);
    void this.#start();
    return () => clearInterval(timer);
  }

  async #start(): Promise<void> {
    await this.#refresh();
    if (this.#failure === undefined && this.#list.length === 0) await this.open();
  }

  async retry(): Promise<void> {
    this.#failure = undefined;
    await this.#start();
  }

  async open(): Promise<void> {
    if (this.#opening) return;
    this.#opening = true;
    const terminal = await this.#api.openTerminal(this.#sandbox_id, 80, 24);
    this.#opening = false;
    if (terminal.ok) {
      if (!this.#list.some((other) => other.id === terminal.value.id)) this.#list = [...this.#list, terminal.value];
      this.#active = terminal.value.id;
    } else {
      this.#failure = terminal.error;
    }
  }

  async close(terminal_id: string): Promise<void> {
    const closed = await this.#api.closeTerminal(terminal_id);
    if (closed.ok || closed.error.code === "not_found") this.#remove(terminal_id);
    else this.#failure = closed.error;
  }

  async #refresh(): Promise<void> {
    const opening_before = this.#opening;
    const list = await this.#api.terminals(this.#sandbox_id);
    if (list.ok) {
      // A list that was on its way while a terminal was opened may not have it yet.
      if (!opening_before && !this.#opening) this.#replace(list.value);
      this.#loaded = true;
    } else if (!this.#loaded) {
      this.#failure = list.error;
    }
  }

  #replace(list: readonly Terminal[]): void {
    this.#list = list;
    if (!list.some((terminal) => terminal.id === this.#active)) this.#active = list.at(-1)?.id;
  }

  #remove(terminal_id: string): void {
    const at = this.#list.findIndex((terminal) => terminal.id === terminal_id);
    const rest = this.#list.filter((terminal) => terminal.id !== terminal_id);
    this.#list = rest;
    if (this.#active === terminal_id) this.#active = (rest[at] ?? rest.at(-1))?.id;
  }
}
