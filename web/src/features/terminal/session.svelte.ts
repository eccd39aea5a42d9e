// Session: one terminal of the page: its screen, its connection, and what the view shows of both.
//
// Made by TerminalView and disposed with it. The connection outlives sockets; the session outlives
// neither the page nor the tab.

import type { Api } from "../../lib/api.js";
import { DisposableStore } from "../../lib/disposable.js";
import { settings } from "../../lib/settings.svelte.js";
import { TerminalConnection, type ConnectionState } from "../../protocol/terminal_connection.js";
import { clients } from "./clients.js";
import { dialTerminal } from "./dial.js";
import { Screen } from "./screen.js";

export interface SessionOptions {
  readonly api: Api;
  readonly terminal_id: string;
  readonly is_shortcut: (event: KeyboardEvent) => boolean;
}

export type SessionNotice =
  | { readonly kind: "copy"; readonly text: string }
  | { readonly kind: "input_lost"; readonly byte_count: number }
  | { readonly kind: "paste_too_large" }
  | { readonly kind: "server"; readonly text: string };

const control_mask = 0x1f;

export class Session {
  readonly #screen: Screen;
  readonly #connection: TerminalConnection;
  readonly #disposables = new DisposableStore();
  readonly #terminal_id: string;
  #state = $state.raw<ConnectionState>({ kind: "connecting" });
  #owner = $state(true);
  #notice = $state.raw<SessionNotice | undefined>(undefined);
  #control = $state(false);
  #frame: number | undefined;

  constructor(options: SessionOptions) {
    this.#terminal_id = options.terminal_id;
    this.#screen = this.#disposables.own(
      new Screen({
        dark: settings.dark,
        reader: settings.reader,
        may_answer: () => this.#connection.may_answer,
        typed: (bytes) => this.#typed(bytes),
        copy_asked: (text) => (this.#notice = { kind: "copy", text }),
        is_shortcut: options.is_shortcut,
      }),
    );
    this.#connection = this.#disposables.own(this.#makeConnection(options));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get owner(): boolean {
    return this.#owner;
  }

  get notice(): SessionNotice | undefined {
    return this.#notice;
  }

  /** Whether the next key is sent with Ctrl, for keyboards that have none. */
  get control(): boolean {
    return this.#control;
  }

  set control(control: boolean) {
    this.#control = control;
  }

  /** Shows the terminal in `host` and connects. Call once. */
  mount(host: HTMLElement): void {
    this.#screen.mount(host);
    const observer = new ResizeObserver(() => this.#fitSoon());
    observer.observe(host);
    this.#disposables.add(() => observer.disconnect());
    this.#disposables.listen(window, "online", () => this.#connection.wake());
    this.#disposables.listen(document, "visibilitychange", () => {
      if (!document.hidden) this.#connection.wake();
    });
    this.#fit();
    this.#connection.connect();
  }

  focus(): void {
    this.#screen.focus();
  }

  setTheme(dark: boolean): void {
    this.#screen.setTheme(dark);
  }

  setReader(reader: boolean): void {
    this.#screen.setReader(reader);
  }

  dismissNotice(): void {
    this.#notice = undefined;
  }

  retry(): void {
    this.#connection.connect();
  }

  takeControl(): void {
    this.#connection.takeControl();
  }

  /** Sends one of the keys that a touch keyboard lacks. */
  pressArrow(letter: "A" | "B" | "C" | "D"): void {
    this.press(`\x1b${this.#screen.application_cursor_keys ? "O" : "["}${letter}`);
  }

  press(keys: string): void {
    this.#typed(new TextEncoder().encode(keys));
    this.#screen.focus();
  }

  dispose(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#disposables.dispose();
  }

  #makeConnection(options: SessionOptions): TerminalConnection {
    return new TerminalConnection({
      dial: (listener) => dialTerminal(options.api, options.terminal_id, listener),
      timers: {
        after: (delay_ms, action) => {
          const timer = setTimeout(action, delay_ms);
          return () => clearTimeout(timer);
        },
      },
      random: Math.random,
      emulator: this.#screen,
      client: clients.client(options.terminal_id),
      renew_client: () => clients.renew(options.terminal_id),
      own: clients.owned(options.terminal_id),
      columns: 80,
      rows: 24,
      listener: {
        state_changed: (state) => (this.#state = state),
        size_changed: (size) => {
          this.#owner = size.owner;
          clients.setOwned(this.#terminal_id, size.owner);
          if (size.owner) this.#fitSoon();
          else this.#screen.resize(size);
        },
        notice: (text) => (this.#notice = { kind: "server", text }),
        input_lost: (byte_count) => (this.#notice = { kind: "input_lost", byte_count }),
      },
    });
  }

  #typed(bytes: Uint8Array): void {
    const [first] = bytes;
    const with_control = this.#control && bytes.length === 1 && first !== undefined && first >= 0x40;
    this.#control = false;
    const sent = this.#connection.send(with_control ? Uint8Array.of(first & control_mask) : bytes);
    if (!sent && bytes.length > 1024) this.#notice = { kind: "paste_too_large" };
  }

  #fitSoon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#fit();
    });
  }

  /** Fills the host when this page decides the size; always tells the terminal what would fit. */
  #fit(): void {
    const size = this.#screen.fitting();
    if (size === undefined) return;
    if (this.#owner) this.#screen.resize(size);
    this.#connection.resize(size.columns, size.rows);
  }
}
