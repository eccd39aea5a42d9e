// Backoff: how long to wait before the next attempt.
//
// Full jitter: a random time between half of the ceiling and the ceiling, which doubles. So a
// hundred pages that lost the same server do not come back in the same instant.

export const first_delay_ms = 250;
export const delay_ms_max = 15_000;

export class Backoff {
  #ceiling_ms = first_delay_ms;
  readonly #random: () => number;

  /** `random` returns numbers in [0, 1), as Math.random does. */
  constructor(random: () => number) {
    this.#random = random;
  }

  next(): number {
    const ceiling_ms = this.#ceiling_ms;
    this.#ceiling_ms = Math.min(ceiling_ms * 2, delay_ms_max);
    return Math.round(ceiling_ms * (0.5 + this.#random() / 2));
  }

  reset(): void {
    this.#ceiling_ms = first_delay_ms;
  }
}
