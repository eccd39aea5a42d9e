// Pages: the pieces of a result that are here. The one that came longest ago makes room.

import type { Row } from "../../protocol/sql.js";

export interface Page {
  readonly rows: readonly Row[];
  /** Whether there is no more to come into it. */
  readonly whole: boolean;
}

export class Pages {
  readonly #count_max: number;
  readonly #pages = new Map<number, Page>();

  constructor(count_max: number) {
    this.#count_max = count_max;
  }

  get(page: number): Page | undefined {
    return this.#pages.get(page);
  }

  put(page: number, content: Page): void {
    this.#pages.delete(page);
    this.#pages.set(page, content);
    for (const [oldest] of this.#pages) {
      if (this.#pages.size <= this.#count_max) return;
      this.#pages.delete(oldest);
    }
  }

  clear(): void {
    this.#pages.clear();
  }
}
