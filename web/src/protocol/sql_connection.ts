// SqlConnection: one session with a database, and another one in its place when it is lost.
//
// Used by features/sql. Sockets and timers are given to it, so it knows no DOM. A request is sent at
// most once: what was asked of a session that is lost fails, and what waits for a session goes to
// the next. Whoever ran statements learns by `again` that transactions and temporary tables are gone.
// Ownership: whoever makes it calls dispose(), which ends the session and stops all timers.

import { Backoff } from "./backoff.js";
import {
  parseSqlMessage,
  text_bytes_max,
  type Catalog,
  type CompletionItem,
  type Done,
  type Opened,
  type Order,
  type Plan,
  type SqlClientMessage,
  type SqlClosedReason,
  type SqlServerMessage,
  type SqlTarget,
  type StatementFailure,
  type Window,
} from "./sql.js";
import type { SocketFailure, Timers } from "./terminal_connection.js";

export interface SqlSocketListener {
  opened(): void;
  received(text: string): void;
  closed(failure: SocketFailure): void;
}

export interface SqlSocket {
  send(text: string): void;
  close(): void;
}

/** `code` is the server's, or "lost" with the session, "busy" or "too_large" for what was never sent. */
export interface SqlFailure {
  readonly code: string;
  readonly message: string;
}

export type SqlResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SqlFailure };

export type SqlConnectionState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "open"; readonly server: Opened; readonly again: boolean }
  | { readonly kind: "waiting"; readonly reason: "network" | "restarted" | "limited" }
  | { readonly kind: "ended"; readonly reason: SqlClosedReason | "denied" | "gone" | "protocol"; readonly message: string };

export type ExecutionEvent = Extract<
  SqlServerMessage,
  { type: "statement" | "columns" | "progress" | "complete" | "notice" | "error" }
>;

export interface ExecutionListener {
  received(event: ExecutionEvent): void;
  ended(result: SqlResult<Done>): void;
}

export type Explained = { readonly plan: Plan } | { readonly refused: StatementFailure };

export interface SqlConnectionOptions {
  readonly dial: (listener: SqlSocketListener) => SqlSocket;
  readonly target: SqlTarget;
  readonly timers: Timers;
  readonly random: () => number;
  readonly changed: (state: SqlConnectionState) => void;
}

/** A socket whose session is not open by then is given up. */
export const open_timeout_ms = 30_000;
/** Requests that wait for an answer; a page has no use for more. */
export const pending_max = 48;

const close_protocol = 1002;
const close_too_large = 1009;

/** What waits for answers to one id. `received` returns whether that was the last. */
interface Pending {
  received(message: SqlServerMessage): boolean;
  failed(failure: SqlFailure): void;
}

type Request = Extract<SqlClientMessage, { id: number }>;

/** UTF-8 has at most three bytes for each unit of UTF-16. */
const fits = (message: SqlClientMessage): boolean => !("text" in message) || message.text.length * 3 <= text_bytes_max || byteLength(message.text) <= text_bytes_max;

function byteLength(text: string): number {
  let bytes = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

export class SqlConnection {
  readonly #options: SqlConnectionOptions;
  readonly #backoff: Backoff;
  #state: SqlConnectionState = { kind: "idle" };
  #socket: SqlSocket | undefined;
  #attempt = 0;
  #cancel_timer: () => void = () => undefined;
  #next_id = 1;
  #open_id = 0;
  #had_session = false;
  #refusal = "";
  readonly #pending = new Map<number, Pending>();
  #unsent: Request[] = [];

  constructor(options: SqlConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  get state(): SqlConnectionState {
    return this.#state;
  }

  connect(): void {
    this.#dropSocket();
    this.#enter({ kind: "connecting" });
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt;
    this.#cancel_timer = this.#options.timers.after(open_timeout_ms, () => this.#retry("network"));
    const socket = this.#options.dial({
      opened: () => current() && this.#sayOpen(),
      received: (data) => current() && this.#received(data),
      closed: (failure) => current() && this.#closed(failure),
    });
    if (current()) this.#socket = socket;
    else socket.close();
  }

  /** Runs the statements of `text`. The listener hears of each, and of the end in any case. */
  execute(text: string, stop_on_error: boolean, listener: ExecutionListener): void {
    this.#ask(
      (id) => ({ type: "execute", id, text, store: true, stop_on_error }),
      {
        received: (message) => {
          if (message.type === "done") {
            listener.ended({ ok: true, value: message });
            return true;
          }
          if (isExecutionEvent(message)) listener.received(message);
          return false;
        },
        failed: (error) => listener.ended({ ok: false, error }),
      },
    );
  }

  cancel(): void {
    this.#send({ type: "cancel" });
  }

  view(result: number, offset: number, limit: number, order: Order): Promise<SqlResult<Window>> {
    return this.#answer(
      (id) => ({ type: "view", id, result, offset, limit, ...order }),
      (message) => (message.type === "window" ? message : undefined),
    );
  }

  describe(): Promise<SqlResult<Catalog>> {
    return this.#answer(
      (id) => ({ type: "describe", id }),
      (message) => (message.type === "catalog" ? message.catalog : undefined),
    );
  }

  complete(text: string, position: number): Promise<SqlResult<{ from: number; items: readonly CompletionItem[] }>> {
    return this.#answer(
      (id) => ({ type: "complete", id, text, position }),
      (message) => (message.type === "completions" ? message : undefined),
    );
  }

  explain(text: string, analyze: boolean): Promise<SqlResult<Explained>> {
    return this.#answer((id) => ({ type: "explain", id, text, analyze }), (message): Explained | undefined => {
      if (message.type === "plan") return { plan: message.plan };
      return message.type === "error" ? { refused: message } : undefined;
    });
  }

  /** Gives every piece of the exported result to `piece`, in order. */
  export(result: number, format: "csv" | "json", order: Order, piece: (text: string) => void): Promise<SqlResult<Done>> {
    return this.#answer(
      (id) => ({ type: "export", id, result, format, ...order }),
      (message) => {
        if (message.type === "chunk") piece(message.text);
        return message.type === "done" ? message : undefined;
      },
    );
  }

  /** Forgets a stored result. */
  drop(result: number): void {
    this.#send({ type: "drop", result });
  }

  dispose(): void {
    this.#send({ type: "close" });
    this.#dropSocket();
    this.#failAll({ code: "lost", message: "" });
    this.#enter({ kind: "idle" });
  }

  #enter(state: SqlConnectionState): void {
    this.#state = state;
    this.#options.changed(state);
  }

  #send(message: SqlClientMessage): void {
    if (this.#state.kind === "open") this.#socket?.send(JSON.stringify(message));
  }

  #answer<T>(make: (id: number) => Request, read: (message: SqlServerMessage) => T | undefined): Promise<SqlResult<T>> {
    return new Promise((resolve) => {
      this.#ask(make, {
        received: (message) => {
          const value = read(message);
          if (value !== undefined) resolve({ ok: true, value });
          return value !== undefined;
        },
        failed: (error) => resolve({ ok: false, error }),
      });
    });
  }

  #ask(make: (id: number) => Request, pending: Pending): void {
    const message = make(this.#next_id++);
    if (!fits(message)) return pending.failed({ code: "too_large", message: "" });
    if (this.#pending.size >= pending_max) return pending.failed({ code: "busy", message: "" });
    this.#pending.set(message.id, pending);
    if (this.#state.kind === "open") {
      this.#send(message);
      return;
    }
    this.#unsent.push(message);
    if (this.#state.kind === "ended" || this.#state.kind === "idle") this.connect();
  }

  #sayOpen(): void {
    this.#open_id = this.#next_id++;
    this.#refusal = "";
    this.#socket?.send(JSON.stringify({ type: "open", id: this.#open_id, ...this.#options.target }));
  }

  #received(data: string): void {
    const message = parseSqlMessage(data);
    if (message === undefined) return this.#end("protocol", "");
    if (message.type === "closed") return this.#sessionClosed(message.reason, message.message);
    if (message.type === "opened" && message.id === this.#open_id) return this.#opened(message);
    if (message.type === "failed" && message.id === this.#open_id) {
      this.#refusal = message.message;
      return;
    }
    const pending = message.id === null ? undefined : this.#pending.get(message.id);
    // An answer to nobody is none: its request has failed here already.
    if (pending === undefined || message.id === null) return;
    if (message.type === "failed") {
      this.#pending.delete(message.id);
      pending.failed({ code: message.code, message: message.message });
    } else if (pending.received(message)) {
      this.#pending.delete(message.id);
    }
  }

  #opened(server: Opened): void {
    this.#cancel_timer();
    this.#backoff.reset();
    this.#enter({ kind: "open", server, again: this.#had_session });
    this.#had_session = true;
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const message of unsent) this.#send(message);
  }

  #sessionClosed(reason: SqlClosedReason, message: string): void {
    if (reason === "runner_restarted") this.#retry("restarted");
    else this.#end(reason, reason === "open_failed" && this.#refusal !== "" ? this.#refusal : message);
  }

  #closed(failure: SocketFailure): void {
    if (failure.kind === "closed" && (failure.code === close_protocol || failure.code === close_too_large)) {
      this.#end("protocol", "");
    } else if (failure.kind === "closed") {
      this.#retry("network");
    } else if (failure.kind === "limited") {
      this.#retry("limited", failure.retry_after_ms);
    } else {
      this.#end(failure.kind, "");
    }
  }

  /** Opens another session after a while. What waits for one still does; what was sent has failed. */
  #retry(reason: "network" | "restarted" | "limited", at_least_ms = 0): void {
    this.#dropSocket();
    this.#failSent();
    this.#enter({ kind: "waiting", reason });
    const delay_ms = Math.max(at_least_ms, this.#backoff.next());
    this.#cancel_timer = this.#options.timers.after(delay_ms, () => this.connect());
  }

  #end(reason: SqlClosedReason | "denied" | "gone" | "protocol", message: string): void {
    this.#dropSocket();
    this.#failAll({ code: "lost", message });
    this.#enter({ kind: "ended", reason, message });
  }

  #dropSocket(): void {
    this.#attempt += 1;
    this.#cancel_timer();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #failSent(): void {
    const unsent = new Set(this.#unsent.map(({ id }) => id));
    for (const [id, pending] of [...this.#pending]) {
      if (unsent.has(id)) continue;
      this.#pending.delete(id);
      pending.failed({ code: "lost", message: "" });
    }
  }

  #failAll(failure: SqlFailure): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    this.#unsent = [];
    for (const pending of all) pending.failed(failure);
  }
}

function isExecutionEvent(message: SqlServerMessage): message is ExecutionEvent {
  switch (message.type) {
    case "statement":
    case "columns":
    case "progress":
    case "complete":
    case "notice":
    case "error":
      return true;
    default:
      return false;
  }
}
