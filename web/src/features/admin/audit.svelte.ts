// AuditLog: the entries that fit the filters, a page at a time, newest first.

import type { Failure } from "../../lib/api.js";
import type { AuditEntry } from "../../protocol/api.generated.js";
import type { AdminApi, AuditQuery } from "./admin_api.js";
import { endOfDay, type AuditFilter } from "./audit_filter.js";

export class AuditLog {
  readonly #api: Pick<AdminApi, "audit">;
  #entries = $state.raw<readonly AuditEntry[] | undefined>(undefined);
  #next = $state.raw<string | null>(null);
  #failure = $state.raw<Failure | undefined>(undefined);
  #busy = $state(false);
  #query: AuditQuery = { actor: "", subject: "", action: "", until: "" };
  #search = 0;

  constructor(api: Pick<AdminApi, "audit">) {
    this.#api = api;
  }

  get entries(): readonly AuditEntry[] | undefined {
    return this.#entries;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get more(): boolean {
    return this.#next !== null;
  }

  get busy(): boolean {
    return this.#busy;
  }

  async find({ actor, subject, action, until }: AuditFilter): Promise<void> {
    this.#query = { actor, subject, action, until: until === "" ? "" : endOfDay(until) };
    await this.#read("");
  }

  async readMore(): Promise<void> {
    if (this.#next !== null && !this.#busy) await this.#read(this.#next);
  }

  async #read(before: string): Promise<void> {
    const search = ++this.#search;
    this.#busy = true;
    const page = await this.#api.audit(this.#query, before);
    if (search !== this.#search) return;
    this.#busy = false;
    this.#failure = page.ok ? undefined : page.error;
    if (!page.ok) return;
    this.#entries = before === "" ? page.value.entries : [...(this.#entries ?? []), ...page.value.entries];
    this.#next = page.value.next;
  }
}
