// Machines: the user's sandboxes, kept up to date by the server's events.
//
// Used by the home page and the workspace. Whoever calls follow() gets an end to it and calls that.
// What happened while nothing was followed is read with the whole list, so nothing is missed.

import type { Sandbox, SandboxEvent } from "../protocol/api.generated.js";
import type { Api, Failure } from "./api.js";
import { EventStream } from "./event_stream.js";

export class Machines {
  readonly #api: Api;
  #list = $state.raw<readonly Sandbox[]>([]);
  #loaded = $state(false);
  #failure = $state.raw<Failure | undefined>(undefined);
  #followers = 0;
  #stream: EventStream | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  get list(): readonly Sandbox[] {
    return this.#list;
  }

  /** True once the list is known, even if it is empty. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  find(id: string): Sandbox | undefined {
    return this.#list.find((machine) => machine.id === id);
  }

  /** Keeps the list current until the returned function is called. */
  follow(): () => void {
    this.#followers += 1;
    if (this.#followers === 1) {
      this.#stream = new EventStream({
        open: () => new EventSource("/api/v1/events"),
        refresh: () => this.refresh(),
        received: (data) => this.#apply(data),
      });
    }
    return () => {
      this.#followers -= 1;
      if (this.#followers === 0) this.#stream?.dispose();
    };
  }

  async refresh(): Promise<void> {
    const sandboxes = await this.#api.sandboxes();
    if (sandboxes.ok) {
      this.#list = sandboxes.value;
      this.#loaded = true;
      this.#failure = undefined;
    } else {
      this.#failure = sandboxes.error;
    }
  }

  put(machine: Sandbox): void {
    const others = this.#list.filter((other) => other.id !== machine.id);
    this.#list = [machine, ...others].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  }

  remove(id: string): void {
    this.#list = this.#list.filter((machine) => machine.id !== id);
  }

  #apply(data: string): void {
    const event = JSON.parse(data) as SandboxEvent;
    if (event.type === "destroyed" || event.sandbox.state === "destroyed") this.remove(event.sandbox.id);
    else this.put(event.sandbox);
  }
}
