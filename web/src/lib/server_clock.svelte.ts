// The server's clock: when a machine ends is the server's time, and this computer's may be wrong.
//
// Learnt from the Date of its answers, which has whole seconds: smaller differences are none.

const tolerance_ms = 2000;
/** From then on the page says that a machine will end. */
export const expiry_warning_ms = 5 * 60_000;

class ServerClock {
  #offset_ms = $state(0);

  now_ms(): number {
    return Date.now() + this.#offset_ms;
  }

  /** `date` is the Date header of an answer that has just come. */
  heard(date: string | null): void {
    const offset_ms = Date.parse(date ?? "") - Date.now();
    if (Math.abs(offset_ms - this.#offset_ms) <= tolerance_ms || Number.isNaN(offset_ms)) return;
    this.#offset_ms = Math.abs(offset_ms) <= tolerance_ms ? 0 : offset_ms;
  }
}

export const server_clock = new ServerClock();
