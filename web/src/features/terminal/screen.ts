// Screen: xterm.js behind the protocol's Emulator port.
//
// Owned by one Session. It draws with WebGL where that works and with the DOM where it does not,
// answers programs only when `may_answer` allows it, and never touches clipboard or links by itself.

import { FitAddon } from "@xterm/addon-fit";
import type { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

import { copyText } from "../../lib/clipboard.js";
import { DisposableStore } from "../../lib/disposable.js";
import type { Emulator } from "../../protocol/output_stream.js";
import { isFocusReport, suppressAnswers } from "./answers.js";
import { clipboardText, linkTarget } from "./clipboard.js";
import { terminalTheme } from "./theme.js";

export interface ScreenOptions {
  readonly dark: boolean;
  readonly reader: boolean;
  readonly may_answer: () => boolean;
  /** What the user typed or the emulator answers. */
  readonly typed: (bytes: Uint8Array) => void;
  /** A program asks to put `text` on the clipboard. */
  readonly copy_asked: (text: string) => void;
  /** The user asked to copy, and the browser would not. */
  readonly copy_failed: () => void;
  /** True when `event` is a shortcut of the page and not for the program. */
  readonly is_shortcut: (event: KeyboardEvent) => boolean;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ScreenWords {
  readonly input: string;
  readonly too_much_output: string;
}

const scrollback_rows = 5000;
const full_reset = Uint8Array.of(0x1b, 0x63);

export class Screen implements Emulator {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #disposables = new DisposableStore();
  #copy_failed: () => void = () => undefined;
  #search: Promise<SearchAddon> | undefined;

  constructor(options: ScreenOptions) {
    this.#terminal = new Terminal({
      allowProposedApi: true, // for Unicode 11 widths, which shells and editors assume
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
      fontSize: 14,
      lineHeight: 1.2,
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      screenReaderMode: options.reader,
      scrollback: scrollback_rows,
      theme: terminalTheme(options.dark),
      linkHandler: {
        allowNonHttpProtocols: false,
        activate: (_event, uri) => this.#openLink(uri),
        hover: (_event, uri) => this.#showTarget(uri),
        leave: () => this.#showTarget(""),
      },
    });
    this.#disposables.own(this.#terminal);
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    for (const handler of suppressAnswers(this.#terminal, options.may_answer)) this.#disposables.own(handler);
    this.#connectEvents(options);
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.#terminal.write(bytes, done);
  }

  reset(bytes: Uint8Array, done: () => void): void {
    // RIS instead of Terminal.reset(), which would not wait for what is written before it.
    const all = new Uint8Array(full_reset.length + bytes.length);
    all.set(full_reset);
    all.set(bytes, full_reset.length);
    this.#terminal.write(all, done);
  }

  mount(host: HTMLElement): void {
    this.#terminal.open(host);
    void this.#drawWithWebGl();
  }

  focus(): void {
    this.#terminal.focus();
  }

  paste(text: string): void {
    this.#terminal.paste(text);
  }

  setTheme(dark: boolean): void {
    this.#terminal.options.theme = terminalTheme(dark);
  }

  setReader(reader: boolean): void {
    this.#terminal.options.screenReaderMode = reader;
  }

  /** What a screen reader hears, in the page's language. */
  setWords(words: ScreenWords): void {
    Terminal.strings.promptLabel = words.input;
    Terminal.strings.tooMuchOutput = words.too_much_output;
    this.#terminal.textarea?.setAttribute("aria-label", words.input);
  }

  /** Selects the next place of `text`, or the one before; false when there is none. */
  async find(text: string, where: "next" | "previous"): Promise<boolean> {
    this.#search ??= this.#loadSearch();
    const search = await this.#search;
    return where === "next" ? search.findNext(text) : search.findPrevious(text);
  }

  clearSelection(): void {
    this.#terminal.clearSelection();
  }

  get application_cursor_keys(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  /** The size that would fill the host, or undefined while the host is not shown. */
  fitting(): ScreenSize | undefined {
    if ((this.#terminal.element?.clientWidth ?? 0) === 0) return undefined;
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !Number.isFinite(size.cols) || !Number.isFinite(size.rows)) return undefined;
    return { columns: Math.min(Math.max(size.cols, 2), 1000), rows: Math.min(Math.max(size.rows, 1), 1000) };
  }

  resize(size: ScreenSize): void {
    if (size.columns > 0 && size.rows > 0) this.#terminal.resize(size.columns, size.rows);
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #connectEvents(options: ScreenOptions): void {
    const encoder = new TextEncoder();
    this.#terminal.onData((text) => {
      if (options.may_answer() || !isFocusReport(text)) options.typed(encoder.encode(text));
    });
    this.#terminal.onBinary((text) => options.typed(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    this.#terminal.parser.registerOscHandler(52, (data) => {
      const text = options.may_answer() ? clipboardText(data) : undefined;
      if (text !== undefined) options.copy_asked(text);
      return true;
    });
    this.#terminal.attachCustomKeyEventHandler((event) => {
      if (options.is_shortcut(event)) return false;
      return !this.#isCopyOrPaste(event);
    });
    this.#copy_failed = options.copy_failed;
  }

  async #copySelection(): Promise<void> {
    if (!(await copyText(this.#terminal.getSelection()))) this.#copy_failed();
  }

  /** Ctrl+Shift+C copies here; Ctrl+Shift+V is left to the browser, which then pastes. */
  #isCopyOrPaste(event: KeyboardEvent): boolean {
    if (!event.ctrlKey || !event.shiftKey || event.altKey) return false;
    if (event.code === "KeyC") {
      event.preventDefault();
      if (event.type === "keydown" && this.#terminal.hasSelection()) void this.#copySelection();
      return true;
    }
    return event.code === "KeyV";
  }

  async #loadSearch(): Promise<SearchAddon> {
    const addon = new (await import("@xterm/addon-search")).SearchAddon();
    this.#terminal.loadAddon(addon);
    return addon;
  }

  #openLink(uri: string): void {
    const target = linkTarget(uri);
    if (target !== undefined) window.open(target, "_blank", "noopener,noreferrer");
  }

  #showTarget(uri: string): void {
    if (this.#terminal.element !== undefined) this.#terminal.element.title = linkTarget(uri) ?? "";
  }

  async #drawWithWebGl(): Promise<void> {
    // Phones take GPU contexts from pages in the background; their small screens need none.
    if (matchMedia("(pointer: coarse)").matches) return;
    try {
      const { WebglAddon } = await import("@xterm/addon-webgl");
      if (this.#disposables.disposed) return;
      const addon = new WebglAddon();
      addon.onContextLoss(() => addon.dispose());
      this.#terminal.loadAddon(addon);
    } catch {
      // No WebGL here: xterm.js goes on with the DOM renderer.
    }
  }
}
