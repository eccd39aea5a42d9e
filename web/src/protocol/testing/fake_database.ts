// FakeDatabase: the server's side of docs/protocol/sql.md, in memory, for tests.
//
// It keeps what it was sent and answers when a test says so, so that a session can be lost between
// any two messages.

import type { SqlClientMessage, SqlServerMessage } from "../sql.js";
import type { SqlSocket, SqlSocketListener } from "../sql_connection.js";
import type { SocketFailure } from "../terminal_connection.js";

export class FakeDatabase {
  dials = 0;
  sent: SqlClientMessage[] = [];
  #listener: SqlSocketListener | undefined;

  readonly dial = (listener: SqlSocketListener): SqlSocket => {
    this.dials += 1;
    this.#listener = listener;
    return {
      send: (text) => void this.sent.push(JSON.parse(text) as SqlClientMessage),
      close: () => {
        if (this.#listener === listener) this.#listener = undefined;
      },
    };
  };

  get connected(): boolean {
    return this.#listener !== undefined;
  }

  /** The last message of this type that was sent. */
  last<Type extends SqlClientMessage["type"]>(type: Type): Extract<SqlClientMessage, { type: Type }> {
    const found = this.sent.findLast((message) => message.type === type);
    if (found === undefined) throw new Error(`nothing of type ${type} was sent`);
    return found as Extract<SqlClientMessage, { type: Type }>;
  }

  say(message: SqlServerMessage): void {
    this.sayText(JSON.stringify(message));
  }

  sayText(text: string): void {
    this.#listener?.received(text);
  }

  /** The socket opens, and the session with it. */
  open(): void {
    this.#listener?.opened();
    this.say({
      type: "opened",
      id: this.last("open").id,
      engine: "postgres",
      version: "PostgreSQL 15.13",
      database: "postgres",
      user: "root",
      transaction: "none",
      read_only: false,
    });
  }

  /** The socket opens, and the session does not. */
  refuse(message: string): void {
    this.#listener?.opened();
    this.say({ type: "failed", id: this.last("open").id, code: "not_found", message });
    this.say({ type: "closed", reason: "open_failed", message: "the session did not open" });
  }

  cut(failure: SocketFailure = { kind: "closed", code: 1006 }): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.closed(failure);
  }
}
