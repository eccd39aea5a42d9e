// Queries: the tabs of one machine's queries, their history, and the databases to choose from.
//
// Owned by the page of the machine, above its layouts: sessions, with their transactions, and texts
// live as long as this. Texts are kept for the next time as well, and what ran by the server.

import type { Transport } from "../../lib/transport.js";
import { dialDatabase } from "./dial.js";
import { Externals } from "./externals.svelte.js";
import { SqlHistory } from "./history.svelte.js";
import { recallMachine, rememberMachine } from "./memory.js";
import { Query, queryTitle } from "./query.svelte.js";
import type { Run } from "./run.svelte.js";
import type { Dial } from "./session.svelte.js";
import { SqlApi } from "./sql_api.js";
import { targetsOf, type Target } from "./targets.js";

/** Each tab has a session of its own, of which the server gives ten to a user. */
export const queries_max = 8;
const remember_delay_ms = 500;

export class Queries {
  readonly sandbox_id: string;
  readonly history: SqlHistory;
  readonly #api: SqlApi;
  readonly #dial: Dial;
  readonly #own_targets: readonly Target[];
  readonly #externals: Externals;
  #list = $state.raw<readonly Query[]>([]);
  #active = $state.raw<Query | undefined>(undefined);
  #next = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(transport: Transport, sandbox_id: string, image: string) {
    this.sandbox_id = sandbox_id;
    this.#api = new SqlApi(transport);
    this.#dial = (listener) => dialDatabase(this.#api, listener);
    this.#own_targets = targetsOf(image);
    this.#externals = new Externals(this.#api);
    this.history = new SqlHistory(this.#api, () => this.#rememberSoon());
    this.#recall();
    this.refreshTargets();
  }

  get list(): readonly Query[] {
    return this.#list;
  }

  get active(): Query | undefined {
    return this.#active;
  }

  get targets(): readonly Target[] {
    return [...this.#own_targets, ...this.#externals.targets];
  }

  /** Admins register databases, and take them back. */
  refreshTargets(): void {
    void this.#externals.refresh();
  }

  get full(): boolean {
    return this.#list.length >= queries_max;
  }

  /** Whether a session holds changes that end with it. */
  get in_transaction(): boolean {
    return this.#list.some((query) => query.session.transaction !== "none");
  }

  find(id: string): Query | undefined {
    return this.#list.find((query) => query.id === id);
  }

  activate(id: string): void {
    this.#active = this.find(id) ?? this.#active;
    this.#active?.session.begin();
    this.#rememberSoon();
  }

  /** Opens a tab with `text`, for the database of the one that is shown. */
  add(text = ""): Query | undefined {
    if (this.full) return undefined;
    const query = this.#make(queryTitle(this.#next), text, this.#active?.target);
    this.#list = [...this.#list, query];
    this.activate(query.id);
    return query;
  }

  /** Closes a tab; the last one leaves an empty one. */
  close(id: string): void {
    const at = this.#list.findIndex((query) => query.id === id);
    const closed = this.#list[at];
    if (closed === undefined) return;
    closed.dispose();
    this.#list = this.#list.filter((query) => query !== closed);
    if (this.#list.length === 0) this.#list = [this.#make(queryTitle(this.#next), "", closed.target)];
    if (this.#active === closed) this.#active = this.#list[at] ?? this.#list.at(-1);
    this.#active?.session.begin();
    this.#rememberSoon();
  }

  remember(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    rememberMachine(this.sandbox_id, {
      queries: this.#list.map(({ title, text, target }) => ({ title, text: text.text, target })),
      active: this.#active === undefined ? 0 : this.#list.indexOf(this.#active),
      unsaved: this.history.unsaved,
    });
  }

  dispose(): void {
    this.remember();
    this.history.dispose();
    for (const query of this.#list) query.dispose();
  }

  #recall(): void {
    const memory = recallMachine(this.sandbox_id);
    this.history.restore(memory.unsaved);
    this.#list = memory.queries
      .slice(0, queries_max)
      .map(({ title, text, target }) => this.#make(title, text, target));
    if (this.#list.length === 0) this.#list = [this.#make(queryTitle(this.#next), "", undefined)];
    this.#active = this.#list[memory.active] ?? this.#list[0];
  }

  #make(title: string, text: string, target: Target | undefined): Query {
    const number = this.#next++;
    const query: Query = new Query({
      id: `query-${number}`,
      title,
      text,
      target: target ?? this.#own_targets[0] ?? { engine: "sqlite" },
      sandbox_id: this.sandbox_id,
      dial: this.#dial,
      changed: () => this.#rememberSoon(),
      ran: (run) => this.#ran(query, run),
      external_ended: () => this.refreshTargets(),
    });
    return query;
  }

  #ran(query: Query, run: Run): void {
    const { engine, database } = query.place;
    const at_ms = Date.now();
    this.history.add({ text: run.text.trim(), engine, database, at_ms, elapsed_ms: run.elapsed_ms, failed: run.failed });
  }

  #rememberSoon(): void {
    this.#timer ??= setTimeout(() => this.remember(), remember_delay_ms);
  }
}
