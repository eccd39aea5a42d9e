// The messages of paddock.terminal.v1: bytes to values and back.
//
// Used by TerminalConnection. The normative text is docs/protocol/terminal.md; the golden bytes in
// tests/golden/ are shared with the server's C++. Everything that arrives is checked: decode()
// returns undefined for what the protocol does not allow, and the connection ends.
// No DOM, no state.

export const subprotocol = "paddock.terminal.v1";

/** The most bytes that one INPUT, OUTPUT or RESET carries. */
export const payload_bytes_max = 65_536;
export const client_id_bytes = 16;

export interface Attach {
  readonly type: "attach";
  readonly resume: boolean;
  readonly own: boolean;
  readonly watch: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly offset: number;
  readonly limit: number;
  readonly client: Uint8Array;
}

export type ClientMessage =
  | Attach
  | { readonly type: "input"; readonly sequence: number; readonly bytes: Uint8Array }
  | { readonly type: "credit"; readonly limit: number }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "own" }
  | { readonly type: "ping"; readonly token: bigint };

export interface Attached {
  readonly type: "attached";
  readonly owner: boolean;
  readonly exited: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly offset: number;
  readonly live: number;
  readonly input: number;
}

export interface Size {
  readonly type: "size";
  readonly owner: boolean;
  readonly columns: number;
  readonly rows: number;
}

export interface Exit {
  readonly type: "exit";
  readonly offset: number;
  readonly kind: "code" | "signal";
  readonly value: number;
}

export type ServerMessage =
  | Attached
  | { readonly type: "output"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: "taken"; readonly sequence: number }
  | Size
  | Exit
  | { readonly type: "pong"; readonly token: bigint }
  | { readonly type: "reset"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: "notice"; readonly severity: "information" | "warning"; readonly text: string }
  | { readonly type: "error"; readonly code: number; readonly text: string };

/** The codes are listed in docs/protocol/terminal.md. */
const error_code_max = 8;

const flag_resume = 1;
const flag_own = 2;
const flag_watch = 4;
const flag_owner = 1;
const flag_exited = 2;

/** Writes fields one after another into a buffer of exactly `size` bytes. */
class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(value: number): this {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
    return this;
  }

  u64(value: number | bigint): this {
    this.#view.setBigUint64(this.#at, BigInt(value));
    this.#at += 8;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }
}

/** The bytes of `message`. The caller keeps payloads within `payload_bytes_max`. */
export function encode(message: ClientMessage): Uint8Array {
  switch (message.type) {
    case "attach": {
      const flags =
        (message.resume ? flag_resume : 0) | (message.own ? flag_own : 0) | (message.watch ? flag_watch : 0);
      return new Writer(22 + client_id_bytes)
        .u8(0x01)
        .u8(flags)
        .u16(message.columns)
        .u16(message.rows)
        .u64(message.offset)
        .u64(message.limit)
        .raw(message.client).bytes;
    }
    case "input":
      return new Writer(9 + message.bytes.length).u8(0x02).u64(message.sequence).raw(message.bytes).bytes;
    case "credit":
      return new Writer(9).u8(0x03).u64(message.limit).bytes;
    case "resize":
      return new Writer(5).u8(0x04).u16(message.columns).u16(message.rows).bytes;
    case "own":
      return new Writer(1).u8(0x05).bytes;
    case "ping":
      return new Writer(9).u8(0x06).u64(message.token).bytes;
  }
}

/** Reads fields one after another; `ok` is false once anything was missing or out of range. */
class Reader {
  ok = true;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 1;  // behind the type byte

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#take(1) ? this.#view.getUint8(this.#at - 1) : 0;
  }

  u16(): number {
    return this.#take(2) ? this.#view.getUint16(this.#at - 2) : 0;
  }

  u32(): number {
    return this.#take(4) ? this.#view.getUint32(this.#at - 4) : 0;
  }

  u64(): bigint {
    return this.#take(8) ? this.#view.getBigUint64(this.#at - 8) : 0n;
  }

  /** Offsets and sequences are below 2^53, so that a number holds them exactly. */
  place(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.ok = false;
    return Number(value);
  }

  /** A PTY has between 1 and 65,535 columns, and as many rows. */
  extent(): number {
    const value = this.u16();
    if (value === 0) this.ok = false;
    return value;
  }

  text(): string {
    const text = decodeText(this.rest(0, payload_bytes_max));
    if (text === undefined) this.ok = false;
    return text ?? "";
  }

  flags(known: number): number {
    const value = this.u8();
    if ((value & ~known) !== 0) this.ok = false;
    return value;
  }

  rest(size_min: number, size_max: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    if (bytes.length < size_min || bytes.length > size_max) this.ok = false;
    return bytes;
  }

  /** `message` if every field was there and nothing is left over. */
  done<T>(message: T): T | undefined {
    return this.ok && this.#at === this.#bytes.length ? message : undefined;
  }

  #take(size: number): boolean {
    this.#at += size;
    if (this.#at > this.#bytes.length) this.ok = false;
    return this.ok;
  }
}

function decodeAttached(from: Reader): ServerMessage | undefined {
  const flags = from.flags(flag_owner | flag_exited);
  const message: Attached = {
    type: "attached",
    owner: (flags & flag_owner) !== 0,
    exited: (flags & flag_exited) !== 0,
    columns: from.extent(),
    rows: from.extent(),
    offset: from.place(),
    live: from.place(),
    input: from.place(),
  };
  return from.done(message);
}

function decodeExit(from: Reader): ServerMessage | undefined {
  const offset = from.place();
  const kind = from.u8();
  const value = from.u32();
  if (kind === 0 ? value > 255 : kind !== 1 || value === 0) return undefined;
  return from.done({ type: "exit", offset, kind: kind === 0 ? "code" : "signal", value });
}

function decodeNotice(from: Reader): ServerMessage | undefined {
  const severity = from.u8();
  const text = from.text();
  if (severity > 1) return undefined;
  return from.done({ type: "notice", severity: severity === 0 ? "information" : "warning", text });
}

function decodeError(from: Reader): ServerMessage | undefined {
  const code = from.u16();
  const text = from.text();
  if (code < 1 || code > error_code_max) return undefined;
  return from.done({ type: "error", code, text });
}

/** The message in `bytes`, or undefined when they are none. Payloads are views into `bytes`. */
export function decode(bytes: Uint8Array): ServerMessage | undefined {
  const from = new Reader(bytes);
  switch (bytes[0]) {
    case 0x81:
      return decodeAttached(from);
    case 0x82:
      return from.done({ type: "output", offset: from.place(), bytes: from.rest(1, payload_bytes_max) });
    case 0x83:
      return from.done({ type: "taken", sequence: from.place() });
    case 0x84: {
      const owner = (from.flags(flag_owner) & flag_owner) !== 0;
      return from.done({ type: "size", owner, columns: from.extent(), rows: from.extent() });
    }
    case 0x85:
      return decodeExit(from);
    case 0x86:
      return from.done({ type: "pong", token: from.u64() });
    case 0x87:
      return from.done({ type: "reset", offset: from.place(), bytes: from.rest(0, payload_bytes_max) });
    case 0x88:
      return decodeNotice(from);
    case 0x89:
      return decodeError(from);
    default:
      return undefined;
  }
}

/** UTF-8 without the DOM's TextDecoder, for short texts; undefined when it is none. */
function decodeText(bytes: Uint8Array): string | undefined {
  let escaped = "";
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}
