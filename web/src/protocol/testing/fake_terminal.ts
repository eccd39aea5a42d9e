// FakeTerminal: the server's side of docs/protocol/terminal.md, in memory, for tests.
//
// It checks what a real agent would check (numbered input, credit) and lets a test deliver messages
// one by one, so that a connection can be cut between any two of them. FakeTimers is the clock.

import type { Emulator } from "../output_stream.js";
import type { Socket, SocketFailure, SocketListener, Timers } from "../terminal_connection.js";

export class FakeTimers implements Timers {
  now_ms = 0;
  #pending: { at_ms: number; action: () => void }[] = [];

  after(delay_ms: number, action: () => void): () => void {
    const entry = { at_ms: this.now_ms + delay_ms, action };
    this.#pending.push(entry);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== entry);
    };
  }

  advance(delay_ms: number): void {
    const until_ms = this.now_ms + delay_ms;
    for (;;) {
      const due = this.#pending.filter((entry) => entry.at_ms <= until_ms).sort((a, b) => a.at_ms - b.at_ms)[0];
      if (due === undefined) break;
      this.#pending = this.#pending.filter((entry) => entry !== due);
      this.now_ms = due.at_ms;
      due.action();
    }
    this.now_ms = until_ms;
  }
}

/** Shows bytes only when told to, like a browser that is busy. */
export class FakeEmulator implements Emulator {
  shown: number[] = [];
  resets = 0;
  before_parse: (bytes: Uint8Array) => void = () => undefined;
  #queue: { bytes: Uint8Array; reset: boolean; done: () => void }[] = [];

  write(bytes: Uint8Array, done: () => void): void {
    this.#queue.push({ bytes: bytes.slice(), reset: false, done });
  }

  reset(bytes: Uint8Array, done: () => void): void {
    this.#queue.push({ bytes: bytes.slice(), reset: true, done });
  }

  get backlog_bytes(): number {
    return this.#queue.reduce((sum, entry) => sum + entry.bytes.length, 0);
  }

  parse(count = Infinity): void {
    for (let done = 0; done < count; ++done) {
      const entry = this.#queue.shift();
      if (entry === undefined) return;
      if (entry.reset) {
        this.shown = [];
        this.resets += 1;
      }
      this.before_parse(entry.bytes);
      this.shown.push(...entry.bytes);
      entry.done();
    }
  }
}

class FakeSocket implements Socket {
  open = true;
  readonly listener: SocketListener;
  readonly #receive: (socket: FakeSocket, bytes: Uint8Array) => void;

  constructor(listener: SocketListener, receive: (socket: FakeSocket, bytes: Uint8Array) => void) {
    this.listener = listener;
    this.#receive = receive;
  }

  send(bytes: Uint8Array): void {
    if (this.open) this.#receive(this, bytes.slice());
  }

  close(): void {
    this.open = false;
  }
}

export function message(type: number, ...fields: readonly [size: 8 | 16 | 32 | 64, value: number][]): number[] {
  const bytes: number[] = [type];
  for (const [size, value] of fields) {
    for (let shift = size - 8; shift >= 0; shift -= 8) bytes.push(Number((BigInt(value) >> BigInt(shift)) & 255n));
  }
  return bytes;
}

const u64 = (bytes: Uint8Array, at: number): number => Number(new DataView(bytes.buffer).getBigUint64(at));

export class FakeTerminal {
  /** Everything the program printed, and where the ring begins. */
  output: number[] = [];
  ring_start = 0;
  /** Everything the program was given. */
  typed: number[] = [];
  taken = 0;
  sockets: FakeSocket[] = [];
  received: Uint8Array[] = [];
  credit = 0;
  sent = 0;
  errors: string[] = [];
  #inbox: Uint8Array[] = [];
  #outbox: Uint8Array[] = [];

  readonly dial = (listener: SocketListener): Socket => {
    const socket = new FakeSocket(listener, (from, bytes) => {
      if (from === this.socket) this.#inbox.push(bytes);
    });
    this.#inbox = [];
    this.#outbox = [];
    this.sockets.push(socket);
    return socket;
  };

  get socket(): FakeSocket | undefined {
    return this.sockets.at(-1);
  }

  open(): void {
    this.socket?.listener.opened();
  }

  cut(failure: SocketFailure = { kind: "closed", code: 1006 }): void {
    const socket = this.socket;
    if (socket?.open !== true) return;
    socket.open = false;
    this.#inbox = [];
    this.#outbox = [];
    socket.listener.closed(failure);
  }

  /** Handles at most `count` messages of the client, then delivers at most `count` to it. */
  step(count = Infinity): void {
    for (let done = 0; done < count && this.#inbox.length > 0; ++done) {
      const bytes = this.#inbox.shift();
      if (bytes !== undefined) this.#handle(bytes);
    }
    this.#pump();
    for (let done = 0; done < count && this.#outbox.length > 0; ++done) {
      const bytes = this.#outbox.shift();
      if (bytes !== undefined && this.socket?.open === true) this.socket.listener.received(bytes);
    }
  }

  push(bytes: readonly number[]): void {
    this.#outbox.push(Uint8Array.from(bytes));
  }

  #handle(bytes: Uint8Array): void {
    this.received.push(bytes);
    switch (bytes[0]) {
      case 0x01: {
        const resume = ((bytes[1] ?? 0) & 1) !== 0;
        const wanted = u64(bytes, 6);
        const start = resume && wanted >= this.ring_start ? wanted : this.ring_start;
        this.credit = start + u64(bytes, 14);
        this.sent = start;
        this.push(message(0x81, [8, 1], [16, 80], [16, 24], [64, start], [64, this.output.length], [64, this.taken]));
        if (start !== wanted && (resume || start > 0)) this.push(message(0x87, [64, start]));
        return;
      }
      case 0x02: {
        const sequence = u64(bytes, 1);
        const payload = bytes.subarray(9);
        if (sequence > this.taken) this.errors.push(`gap: ${String(sequence)} after ${String(this.taken)}`);
        const fresh = payload.subarray(Math.max(0, this.taken - sequence));
        this.typed.push(...fresh);
        this.taken += fresh.length;
        this.push(message(0x83, [64, this.taken]));
        return;
      }
      case 0x03:
        this.credit = Math.max(this.credit, u64(bytes, 1));
        return;
      case 0x06:
        this.push([0x86, ...bytes.subarray(1)]);
        return;
      default:
        return;
    }
  }

  #pump(): void {
    while (this.sent < Math.min(this.output.length, this.credit) && this.socket?.open === true) {
      const end = Math.min(this.output.length, this.credit, this.sent + 1000);
      this.push([...message(0x82, [64, this.sent]), ...this.output.slice(this.sent, end)]);
      this.sent = end;
    }
  }
}
