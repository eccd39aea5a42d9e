// Session: a query's own connection to its database, and what is known of that database.
//
// Made by Query and disposed with it. Another session takes the place of a lost one by itself; what
// is gone with the old one is said once, by `renewed`.

import type { Catalog, Opened, SqlTarget, TransactionState } from "../../protocol/sql.js";
import { SqlConnection, type SqlConnectionState, type SqlFailure } from "../../protocol/sql_connection.js";
import type { Timers } from "../../protocol/terminal_connection.js";
import type { SqlSocket, SqlSocketListener } from "../../protocol/sql_connection.js";

export type Dial = (listener: SqlSocketListener) => SqlSocket;

const page_timers: Timers = {
  after: (delay_ms, action) => {
    const timer = setTimeout(action, delay_ms);
    return () => clearTimeout(timer);
  },
};

export class Session {
  readonly connection: SqlConnection;
  #state = $state.raw<SqlConnectionState>({ kind: "idle" });
  #transaction = $state<TransactionState>("none");
  #catalog = $state.raw<Catalog | undefined>(undefined);
  #catalog_failure = $state.raw<SqlFailure | undefined>(undefined);
  #describing = $state(false);
  #renewed = $state(false);
  #server = $state.raw<Opened | undefined>(undefined);
  #lost: () => void = () => undefined;
  #ended: () => void = () => undefined;

  constructor(dial: Dial, target: SqlTarget, timers: Timers = page_timers) {
    this.connection = new SqlConnection({
      dial,
      target,
      timers,
      random: Math.random,
      changed: (state) => this.#changed(state),
    });
  }

  get state(): SqlConnectionState {
    return this.#state;
  }

  /** What the database said of itself last. */
  get server(): Opened | undefined {
    return this.#server;
  }

  get transaction(): TransactionState {
    return this.#transaction;
  }

  set transaction(transaction: TransactionState) {
    this.#transaction = transaction;
  }

  get catalog(): Catalog | undefined {
    return this.#catalog;
  }

  get catalog_failure(): SqlFailure | undefined {
    return this.#catalog_failure;
  }

  get describing(): boolean {
    return this.#describing;
  }

  /** Whether this is another session than the user began with, until they have seen that. */
  get renewed(): boolean {
    return this.#renewed;
  }

  dismissRenewed(): void {
    this.#renewed = false;
  }

  /** Calls `lost` whenever a session ends, with all that it kept. */
  whenLost(lost: () => void): void {
    this.#lost = lost;
  }

  /** Calls `ended` whenever there is no session and none is tried any more. */
  whenEnded(ended: () => void): void {
    this.#ended = ended;
  }

  connect(): void {
    this.connection.connect();
  }

  /** Connects unless it is or was connected. */
  begin(): void {
    if (this.#state.kind === "idle") this.connection.connect();
  }

  async describe(): Promise<void> {
    if (this.#describing) return;
    this.#describing = true;
    const catalog = await this.connection.describe();
    this.#describing = false;
    this.#catalog_failure = catalog.ok ? undefined : catalog.error;
    if (catalog.ok) this.#catalog = catalog.value;
  }

  dispose(): void {
    this.connection.dispose();
  }

  #changed(state: SqlConnectionState): void {
    const was_open = this.#state.kind === "open";
    this.#state = state;
    if (state.kind === "open") {
      this.#server = state.server;
      this.#transaction = state.server.transaction;
      this.#renewed = state.again;
      void this.describe();
      return;
    }
    this.#transaction = "none";
    if (was_open) this.#lost();
    if (state.kind === "ended") this.#ended();
  }
}
