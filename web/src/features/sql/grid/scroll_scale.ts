// ScrollScale: a list that is higher than any element of a browser may be.
//
// Browsers stop at some ten million pixels. Beyond that the element is as high as it may be, and a
// place in it stands for a place in the list. Turning the wheel still moves the list by as many
// pixels as it says, because the caller keeps the place in the list and not the element's.

/** Below what Firefox, Chromium and Safari draw. */
export const element_px_max = 8_000_000;

export class ScrollScale {
  readonly #list_px: number;
  readonly #shown_px: number;

  /** A list of `list_px` of which `shown_px` are seen at a time. */
  constructor(list_px: number, shown_px: number) {
    this.#list_px = Math.max(list_px, 0);
    this.#shown_px = Math.max(shown_px, 0);
  }

  /** How high the element is. */
  get element_px(): number {
    return Math.min(this.#list_px, element_px_max);
  }

  get scaled(): boolean {
    return this.#list_px > element_px_max;
  }

  /** The place in the list for the element's scrollTop. */
  listTop(scroll_top: number): number {
    if (!this.scaled) return this.clamp(scroll_top);
    return this.clamp((scroll_top / (element_px_max - this.#shown_px)) * (this.#list_px - this.#shown_px));
  }

  /** The element's scrollTop for a place in the list. */
  scrollTop(list_top: number): number {
    const top = this.clamp(list_top);
    if (!this.scaled) return top;
    return (top / (this.#list_px - this.#shown_px)) * (element_px_max - this.#shown_px);
  }

  clamp(list_top: number): number {
    return Math.min(Math.max(list_top, 0), Math.max(0, this.#list_px - this.#shown_px));
  }
}
