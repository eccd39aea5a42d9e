// EventStream: the server's events, as long as somebody looks at the page.
//
// A browser opens six connections to one server, for all of its tabs together. A stream takes one
// for ever, so a hidden page gives it back; when it is looked at again it asks for what it missed.

import { Backoff } from "../protocol/backoff.js";
import { DisposableStore } from "./disposable.js";

export interface EventStreamOptions {
  readonly open: () => EventSource;
  /** Reads everything; called before the stream is opened and once it stands. */
  readonly refresh: () => Promise<void>;
  readonly received: (data: string) => void;
}

export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #disposables = new DisposableStore();
  readonly #backoff = new Backoff(Math.random);
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#disposables.listen(document, "visibilitychange", () => this.#follow());
    this.#disposables.add(() => this.#stop());
    this.#follow();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #follow(): void {
    if (document.hidden) this.#stop();
    else if (this.#source === undefined && this.#timer === undefined) void this.#open();
  }

  #stop(): void {
    this.#attempt += 1;
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    await this.#options.refresh();
    if (attempt !== this.#attempt) return;
    const source = this.#options.open();
    this.#source = source;
    source.addEventListener("ready", () => {
      this.#backoff.reset();
      void this.#options.refresh();
    });
    source.addEventListener("sandbox", (event: MessageEvent<string>) => this.#options.received(event.data));
    source.addEventListener("lagged", () => this.#again());
    // The browser would come back by itself, but without jitter, and never after a 401 or 429.
    source.addEventListener("error", () => this.#again());
  }

  #again(): void {
    this.#stop();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#open();
    }, this.#backoff.next());
  }
}
