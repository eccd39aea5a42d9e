// InputStream: the keystrokes of one client, numbered, kept until the terminal has taken them.
//
// Owned by TerminalConnection. The agent counts the bytes it has taken from this client and drops
// what it sees twice, so after a reconnect everything untaken is simply sent again.
// Addresses are counts of bytes since the client began: taken <= sent <= end.

/** Beyond this, push() refuses: nobody types ahead a mebibyte, and a paste must be bounded. */
export const unacked_bytes_max = 1 << 20;
/**
 * The most that is on its way and not yet taken. Small, so that CREDIT does not wait behind a large
 * paste: a program that waits for its own output to be read would never read the paste.
 */
export const flight_bytes_max = 32_768;

export class InputStream {
  #bytes = new Uint8Array(0);
  #taken = 0;
  #sent = 0;
  /** Whether an attach has said where this client's stream stands. */
  #placed = false;

  get taken(): number {
    return this.#taken;
  }

  get end(): number {
    return this.#taken + this.#bytes.length;
  }

  /** Appends `bytes`; false, and nothing appended, when that would be too much. */
  push(bytes: Uint8Array): boolean {
    if (this.#bytes.length + bytes.length > unacked_bytes_max) return false;
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    return true;
  }

  /** The next piece to send, or undefined when all is sent or enough is on its way. */
  next(): { readonly sequence: number; readonly bytes: Uint8Array } | undefined {
    const from = this.#sent - this.#taken;
    const until = Math.min(this.#bytes.length, flight_bytes_max);
    if (from >= until) return undefined;
    const piece = { sequence: this.#sent, bytes: this.#bytes.slice(from, until) };
    this.#sent += piece.bytes.length;
    return piece;
  }

  /** The terminal has taken everything before `sequence`. */
  take(sequence: number): void {
    if (sequence <= this.#taken || sequence > this.#sent) return;
    this.#bytes = this.#bytes.subarray(sequence - this.#taken);
    this.#taken = sequence;
  }

  /** Begins again as another client. Returns the number of bytes given up. */
  restart(): number {
    const lost = this.#bytes.length;
    this.#bytes = new Uint8Array(0);
    this.#taken = this.#sent = 0;
    this.#placed = false;
    return lost;
  }

  /**
   * After an attach the agent expects `sequence` next: what it has taken goes, the rest is sent
   * again. At the first attach nothing of this page was sent, and `sequence` counts what an earlier
   * load of it did: all that was typed meanwhile follows there. Returns the number of bytes given up: when the agent no longer knows this client it
   * cannot tell which of them the program already has, and a lost keystroke does less harm than
   * one that runs a command twice.
   */
  resume(sequence: number): number {
    if (!this.#placed) {
      this.#placed = true;
      this.#taken = this.#sent = sequence;
      return 0;
    }
    if (sequence >= this.#taken && sequence <= this.end) {
      this.#bytes = this.#bytes.subarray(sequence - this.#taken);
      this.#taken = sequence;
      this.#sent = sequence;
      return 0;
    }
    const lost = this.#bytes.length;
    this.#bytes = new Uint8Array(0);
    this.#taken = sequence;
    this.#sent = sequence;
    return lost;
  }
}
