// Clients: which input stream this tab is, for each of its terminals, and whether it owned them.
//
// A reload must go on with the same 16 bytes; a duplicated tab, to which the browser copies
// sessionStorage, must not. So the memory is only in storage between pagehide and the next load:
// while the page lives, a copy finds nothing.

import { client_id_bytes } from "../../protocol/terminal.js";

const storage_key = "paddock.clients";
/** Terminals remembered per tab; the oldest are forgotten first. */
const clients_max = 64;

interface Memory {
  readonly client: string;
  readonly own: boolean;
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (digits: string): Uint8Array =>
  Uint8Array.from({ length: client_id_bytes }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));

class Clients {
  #known = new Map<string, Memory>();

  constructor() {
    this.#load();
    addEventListener("pageshow", () => this.#load());
    addEventListener("pagehide", () => this.#save());
  }

  /** This tab's id for `terminal_id`. */
  client(terminal_id: string): Uint8Array {
    const known = this.#known.get(terminal_id);
    if (known !== undefined) return fromHex(known.client);
    const client = crypto.getRandomValues(new Uint8Array(client_id_bytes));
    this.#known.set(terminal_id, { client: toHex(client), own: false });
    return client;
  }

  /** Another id for `terminal_id`, because another page uses the one it had. */
  renew(terminal_id: string): Uint8Array {
    this.#known.delete(terminal_id);
    return this.client(terminal_id);
  }

  owned(terminal_id: string): boolean {
    return this.#known.get(terminal_id)?.own ?? false;
  }

  setOwned(terminal_id: string, own: boolean): void {
    this.#known.set(terminal_id, { client: toHex(this.client(terminal_id)), own });
  }

  #load(): void {
    try {
      const stored = sessionStorage.getItem(storage_key);
      sessionStorage.removeItem(storage_key);
      if (stored === null) return;
      for (const [id, memory] of JSON.parse(stored) as [string, Memory][]) this.#known.set(id, memory);
    } catch {
      // Without storage a reload is a new client; the terminal itself is not affected.
    }
  }

  #save(): void {
    try {
      sessionStorage.setItem(storage_key, JSON.stringify([...this.#known].slice(-clients_max)));
    } catch {
      // As above.
    }
  }
}

export const clients = new Clients();
