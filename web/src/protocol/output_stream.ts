// OutputStream: the terminal's bytes on their way into an emulator, by absolute offset.
//
// Owned by TerminalConnection. It accepts each byte exactly once, whatever a reconnect repeats, and
// grants credit only for what the emulator has really parsed: a slow page stops the program instead
// of filling the browser's memory.

/** How far the terminal may be ahead of what the emulator has parsed. */
export const window_bytes = 524_288;
/** Credit is granted in steps of at least this, so that small writes do not each cost a message. */
const grant_bytes_min = 65_536;

/** Where output is shown. Calls are in order; `done` is called when the bytes are parsed. */
export interface Emulator {
  write(bytes: Uint8Array, done: () => void): void;
  /** Forgets everything, then shows `bytes`. */
  reset(bytes: Uint8Array, done: () => void): void;
}

export type Acceptance = "accepted" | "gap";

export class OutputStream {
  readonly #emulator: Emulator;
  readonly #consumed_changed: () => void;
  #next = 0;
  #consumed = 0;
  #granted = 0;
  #live = 0;
  #started = false;

  /** `consumed_changed` is called whenever `creditDue()` may have changed. */
  constructor(emulator: Emulator, consumed_changed: () => void) {
    this.#emulator = emulator;
    this.#consumed_changed = consumed_changed;
  }

  /** The offset of the next byte wanted; undefined before the first attach. */
  get next(): number | undefined {
    return this.#started ? this.#next : undefined;
  }

  /** True while the emulator shows what it has been shown before: then it must not answer. */
  get replaying(): boolean {
    return this.#consumed < this.#live;
  }

  /** How many bytes ATTACH may grant beyond the offset that it will be told. */
  get room(): number {
    return window_bytes - (this.#next - this.#consumed);
  }

  /** ATTACHED: output follows from `offset`, and what is before `live` is a replay. */
  attached(resumed: boolean, offset: number, live: number): void {
    this.#live = live;
    // A resume that could not be honoured is followed by RESET, which moves on to the new offset.
    if (!resumed) {
      if (this.#started) this.#startAgainAt(offset, new Uint8Array(0));
      else this.#next = this.#consumed = offset;
    }
    this.#started = true;
    // What was granted before counted for the last connection.
    this.#granted = 0;
  }

  output(offset: number, bytes: Uint8Array): Acceptance {
    if (offset > this.#next) return "gap";
    const fresh = bytes.subarray(Math.min(this.#next - offset, bytes.length));
    // Split where the replay ends: the emulator may answer from exactly there on.
    const replay_bytes = this.#live - this.#next;
    if (replay_bytes > 0 && replay_bytes < fresh.length) {
      this.#write(fresh.subarray(0, replay_bytes));
      this.#write(fresh.subarray(replay_bytes));
    } else if (fresh.length > 0) {
      this.#write(fresh);
    }
    return "accepted";
  }

  reset(offset: number, bytes: Uint8Array): void {
    this.#startAgainAt(offset, bytes);
  }

  /** The limit to grant now, or undefined when that is not worth a message yet. */
  creditDue(): number | undefined {
    const limit = this.#consumed + window_bytes;
    if (limit - this.#granted < grant_bytes_min) return undefined;
    this.#granted = limit;
    return limit;
  }

  #write(bytes: Uint8Array): void {
    this.#next += bytes.length;
    const end = this.#next;
    this.#emulator.write(bytes, () => this.#parsed(end));
  }

  #startAgainAt(offset: number, bytes: Uint8Array): void {
    this.#next = offset;
    this.#emulator.reset(bytes, () => this.#parsed(offset));
  }

  #parsed(end: number): void {
    this.#consumed = end;
    this.#consumed_changed();
  }
}
