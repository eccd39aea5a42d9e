// TerminalConnection: one viewer of one terminal, across as many sockets as it takes.
//
// Used by features/terminal. Sockets, timers and the emulator are given to it, so it knows no DOM
// and its tests cut connections wherever they like. It promises that every byte of output reaches
// the emulator once and in order, and that every byte of input reaches the program at most once,
// and exactly once unless the terminal has forgotten this client (`input_lost`).
// Ownership: whoever makes it calls dispose(), which closes the socket and stops all timers.

import { Backoff } from "./backoff.js";
import { InputStream } from "./input_stream.js";
import { OutputStream, window_bytes, type Emulator } from "./output_stream.js";
import { decode, encode, type Attached, type ClientMessage, type Exit, type ServerMessage, type Size } from "./terminal.js";

/** Why a socket ended, or never came to be. */
export type SocketFailure =
  | { readonly kind: "closed"; readonly code: number }
  | { readonly kind: "limited"; readonly retry_after_ms: number }
  | { readonly kind: "gone" }
  | { readonly kind: "denied" };

export interface SocketListener {
  opened(): void;
  received(bytes: Uint8Array): void;
  closed(failure: SocketFailure): void;
}

export interface Socket {
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface Timers {
  /** Calls `action` once after `delay_ms`; the result cancels that. */
  after(delay_ms: number, action: () => void): () => void;
}

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly delay_ms: number; readonly reason: "network" | "limited" | "not_running" }
  | { readonly kind: "exited"; readonly exit: Exit }
  | { readonly kind: "gone"; readonly what: "terminal" | "sandbox" }
  | { readonly kind: "refused"; readonly reason: "viewers" | "denied" };

export interface ConnectionListener {
  state_changed(state: ConnectionState): void;
  size_changed(size: Omit<Size, "type">): void;
  notice(text: string, severity: "information" | "warning"): void;
  input_lost(byte_count: number): void;
}

export interface ConnectionOptions {
  readonly dial: (listener: SocketListener) => Socket;
  readonly timers: Timers;
  readonly random: () => number;
  readonly emulator: Emulator;
  readonly listener: ConnectionListener;
  /** 16 bytes that this tab keeps for this terminal. */
  readonly client: Uint8Array;
  /** Makes others, after another page has taken the place of these. */
  readonly renew_client: () => Uint8Array;
  /** Whether to take the terminal over from another viewer at the first attach. */
  readonly own: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** A socket that has not attached by then is given up. */
export const attach_timeout_ms = 10_000;
/** The server's own pings are invisible to a page, so it asks for itself. */
export const ping_interval_ms = 15_000;
export const pong_timeout_ms = 8_000;

export class TerminalConnection {
  readonly #options: ConnectionOptions;
  readonly #backoff: Backoff;
  readonly #input = new InputStream();
  readonly #output: OutputStream;
  #state: ConnectionState = { kind: "connecting" };
  #socket: Socket | undefined;
  #attempt = 0;
  #cancel_timer: () => void = () => undefined;
  #attached = false;
  #resuming = false;
  #redraw = false;
  #owner: boolean;
  #client: Uint8Array;
  #columns: number;
  #rows: number;
  #ping_token = 0n;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
    this.#output = new OutputStream(options.emulator, () => this.#grant());
    this.#owner = options.own;
    this.#client = options.client;
    this.#columns = options.columns;
    this.#rows = options.rows;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get owner(): boolean {
    return this.#owner;
  }

  /** Whether what the emulator says by itself (device reports and the like) may be sent. */
  get may_answer(): boolean {
    return this.#attached && this.#owner && !this.#output.replaying;
  }

  connect(): void {
    this.#dropSocket();
    this.#enter({ kind: "connecting" });
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt;
    this.#cancel_timer = this.#options.timers.after(attach_timeout_ms, () => this.#retry("network"));
    const socket = this.#options.dial({
      opened: () => current() && this.#attach(),
      received: (bytes) => current() && this.#receive(bytes),
      closed: (failure) => current() && this.#closed(failure),
    });
    // A dial may fail before it returns; then this attempt is over already.
    if (current()) this.#socket = socket;
    else socket.close();
  }

  /** The network is back or the page is looked at again: do not wait for the timer. */
  wake(): void {
    if (this.#state.kind === "waiting") this.connect();
    else if (this.#state.kind === "live") this.#ping();
  }

  /** Sends keystrokes, now or after the reconnect. False when too much is unsent: nothing is taken. */
  send(bytes: Uint8Array): boolean {
    if (this.#isOver() || !this.#input.push(bytes)) return false;
    this.#flush();
    return true;
  }

  resize(columns: number, rows: number): void {
    if (columns === this.#columns && rows === this.#rows) return;
    this.#columns = columns;
    this.#rows = rows;
    if (this.#attached) this.#transmit({ type: "resize", columns, rows });
  }

  takeControl(): void {
    if (!this.#attached) return;
    this.#transmit({ type: "own" });
    this.#transmit({ type: "resize", columns: this.#columns, rows: this.#rows });
  }

  dispose(): void {
    this.#attempt += 1;
    this.#dropSocket();
  }

  #attach(): void {
    const next = this.#redraw ? undefined : this.#output.next;
    this.#resuming = next !== undefined;
    this.#transmit({
      type: "attach",
      resume: this.#resuming,
      own: this.#owner,
      watch: false,
      columns: this.#columns,
      rows: this.#rows,
      offset: next ?? 0,
      limit: this.#redraw ? window_bytes : this.#output.room,
      client: this.#client,
    });
  }

  #receive(bytes: Uint8Array): void {
    const message = decode(bytes);
    if (message === undefined || this.#attached === (message.type === "attached")) {
      // Errors may come before ATTACHED; anything else there, or unreadable, is a broken peer.
      if (message?.type === "error") this.#failed(message.code);
      else this.#retry("network");
      return;
    }
    this.#heard();
    this.#handle(message);
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case "attached":
        return this.#onAttached(message);
      case "output":
        return this.#onOutput(message.offset, message.bytes);
      case "reset":
        return this.#output.reset(message.offset, message.bytes);
      case "taken":
        this.#input.take(message.sequence);
        return this.#flush();
      case "size":
        this.#owner = message.owner;
        return this.#options.listener.size_changed(message);
      case "exit":
        return this.#end({ kind: "exited", exit: message });
      case "notice":
        return this.#options.listener.notice(message.text, message.severity);
      case "error":
        return this.#failed(message.code);
      case "pong":
        return;
    }
  }

  #onAttached(message: Attached): void {
    this.#attached = true;
    this.#redraw = false;
    this.#owner = message.owner;
    this.#backoff.reset();
    this.#output.attached(this.#resuming, message.offset, message.live);
    const lost = this.#input.resume(message.input);
    if (lost > 0) this.#options.listener.input_lost(lost);
    this.#options.listener.size_changed(message);
    this.#enter({ kind: "live" });
    this.#grant();
    this.#flush();
  }

  #onOutput(offset: number, bytes: Uint8Array): void {
    if (this.#output.output(offset, bytes) === "accepted") return;
    // Bytes are missing and no RESET said so. Ask for everything that there is.
    this.#redraw = true;
    this.#retry("network");
  }

  #closed(failure: SocketFailure): void {
    switch (failure.kind) {
      case "closed":
        return failure.code > 4000 && failure.code < 4100 ? this.#failed(failure.code - 4000) : this.#retry("network");
      case "limited":
        return this.#retry("limited", failure.retry_after_ms);
      case "gone":
        return this.#end({ kind: "gone", what: "terminal" });
      case "denied":
        return this.#end({ kind: "refused", reason: "denied" });
    }
  }

  /** An ERROR of the protocol, by its code in docs/protocol/terminal.md. */
  #failed(code: number): void {
    switch (code) {
      case 1:
        return this.#end({ kind: "gone", what: "terminal" });
      case 3:
        return this.#retry("not_running");
      case 4:
        return this.#end({ kind: "gone", what: "sandbox" });
      case 5:
        return this.#end({ kind: "refused", reason: "viewers" });
      case 8: {
        // A duplicated tab has our bytes too. It keeps them, with the ownership; we are new here.
        this.#client = this.#options.renew_client();
        this.#owner = false;
        const lost = this.#input.restart();
        if (lost > 0) this.#options.listener.input_lost(lost);
        return this.#retry("network");
      }
      default:
        // Out of sequence, a protocol error or a server that stops: a new attach settles all three.
        return this.#retry("network");
    }
  }

  #retry(reason: "network" | "limited" | "not_running", delay_ms_min = 0): void {
    this.#attempt += 1;
    this.#dropSocket();
    const delay_ms = Math.max(this.#backoff.next(), delay_ms_min);
    this.#cancel_timer = this.#options.timers.after(delay_ms, () => this.connect());
    this.#enter({ kind: "waiting", delay_ms, reason });
  }

  #end(state: ConnectionState): void {
    this.#attempt += 1;
    this.#dropSocket();
    this.#enter(state);
  }

  #isOver(): boolean {
    return this.#state.kind === "exited" || this.#state.kind === "gone" || this.#state.kind === "refused";
  }

  #heard(): void {
    this.#cancel_timer();
    this.#cancel_timer = this.#options.timers.after(ping_interval_ms, () => this.#ping());
  }

  #ping(): void {
    this.#cancel_timer();
    this.#cancel_timer = this.#options.timers.after(pong_timeout_ms, () => this.#retry("network"));
    this.#transmit({ type: "ping", token: ++this.#ping_token });
  }

  #grant(): void {
    if (!this.#attached) return;
    const limit = this.#output.creditDue();
    if (limit !== undefined) this.#transmit({ type: "credit", limit });
  }

  #flush(): void {
    if (!this.#attached) return;
    for (let piece = this.#input.next(); piece !== undefined; piece = this.#input.next()) {
      this.#transmit({ type: "input", ...piece });
    }
  }

  #transmit(message: ClientMessage): void {
    this.#socket?.send(encode(message));
  }

  #dropSocket(): void {
    this.#cancel_timer();
    this.#attached = false;
    this.#socket?.close();
    this.#socket = undefined;
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#options.listener.state_changed(state);
  }
}
