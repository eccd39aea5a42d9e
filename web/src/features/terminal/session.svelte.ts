// Session: one terminal of the page: its screen, its connection, and what the view shows of both.
//
// Made by TerminalView and disposed with it. The connection outlives sockets; the session outlives
// neither the page nor the tab.

import type { Api } from "../../lib/api.js";
import { copyText, pastedText } from "../../lib/clipboard.js";
import { DisposableStore } from "../../lib/disposable.js";
import { settings } from "../../lib/settings.svelte.js";
import { TerminalConnection, type ConnectionState } from "../../protocol/terminal_connection.js";
import { clients } from "./clients.js";
import { dialTerminal } from "./dial.js";
import { default_size, type PaneSize } from "./pane_size.svelte.js";
import { Screen, type ScreenSize, type ScreenWords } from "./screen.js";

export interface SessionOptions {
  readonly api: Api;
  readonly terminal_id: string;
  /** Shared by the terminals of one pane, of which the shown one can be measured. */
  readonly pane_size: PaneSize;
  readonly is_shortcut: (event: KeyboardEvent) => boolean;
}

export type SessionNotice =
  | { readonly kind: "copy"; readonly text: string }
  | { readonly kind: "input_lost"; readonly byte_count: number }
  | { readonly kind: "paste_too_large" }
  | { readonly kind: "copy_refused" }
  | { readonly kind: "paste_refused" }
  | { readonly kind: "server"; readonly text: string };

const control_mask = 0x1f;

export class Session {
  readonly #screen: Screen;
  readonly #connection: TerminalConnection;
  readonly #disposables = new DisposableStore();
  readonly #terminal_id: string;
  readonly #pane_size: PaneSize;
  #state = $state.raw<ConnectionState>({ kind: "connecting" });
  #owner = $state(true);
  #notice = $state.raw<SessionNotice | undefined>(undefined);
  #control = $state(false);
  #frame: number | undefined;
  #measured = false;
  #connected = false;

  constructor(options: SessionOptions) {
    this.#terminal_id = options.terminal_id;
    this.#pane_size = options.pane_size;
    this.#screen = this.#disposables.own(
      new Screen({
        dark: settings.dark,
        reader: settings.reader,
        may_answer: () => this.#connection.may_answer,
        typed: (bytes) => this.#typed(bytes),
        copy_asked: (text) => (this.#notice = { kind: "copy", text }),
        copy_failed: () => (this.#notice = { kind: "copy_refused" }),
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

  /** Shows the terminal in `host` and connects as soon as its size is known. Call once. */
  mount(host: HTMLElement): void {
    this.#screen.mount(host);
    const observer = new ResizeObserver(() => this.#fitSoon());
    observer.observe(host);
    this.#disposables.add(() => observer.disconnect());
    this.#disposables.listen(window, "online", () => this.#connection.wake());
    this.#disposables.listen(document, "visibilitychange", () => {
      if (!document.hidden) this.#connection.wake();
    });
    this.fit();
  }

  /** Fills the host when this page decides the size; always tells the terminal what would fit. */
  fit(): void {
    const size = this.#size();
    if (size === undefined) return;
    if (this.#owner) this.#screen.resize(size);
    this.#connection.resize(size.columns, size.rows);
    if (this.#connected) return;
    this.#connected = true;
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

  setWords(words: ScreenWords): void {
    this.#screen.setWords(words);
  }

  find(text: string, where: "next" | "previous"): Promise<boolean> {
    return this.#screen.find(text, where);
  }

  /** Ends a search: what was found is no longer marked, and keys go to the program again. */
  endFind(): void {
    this.#screen.clearSelection();
    this.#screen.focus();
  }

  /** For keyboards without the keys for it. */
  async paste(): Promise<void> {
    const text = await pastedText();
    if (text === undefined) this.#notice = { kind: "paste_refused" };
    else this.#screen.paste(text);
    this.#screen.focus();
  }

  async copy(text: string): Promise<void> {
    this.#notice = (await copyText(text)) ? undefined : { kind: "copy_refused" };
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
      columns: options.pane_size.current?.columns ?? default_size.columns,
      rows: options.pane_size.current?.rows ?? default_size.rows,
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
    const is_over = this.#state.kind === "exited" || this.#state.kind === "gone" || this.#state.kind === "refused";
    if (!sent && !is_over) this.#notice = { kind: "paste_too_large" };
  }

  #fitSoon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.fit();
    });
  }

  /** A terminal that was never shown takes the size of the one that is: they will be the same. */
  #size(): ScreenSize | undefined {
    const size = this.#screen.fitting();
    if (size === undefined) return this.#measured ? undefined : this.#pane_size.current;
    this.#measured = true;
    this.#pane_size.measured(size);
    return size;
  }
}
