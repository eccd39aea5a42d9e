// SqlApi: what the SQL pages ask of the REST API: a ticket for a session, registered databases, and
// what was run before.

import { succeed } from "../../lib/result.js";
import type { Answer, Transport } from "../../lib/transport.js";
import type { SqlHistory as SqlHistoryList, Ticket } from "../../protocol/api.generated.js";
import type { SqlEngine } from "../../protocol/sql.js";
import type { HistoryEntry } from "./memory.js";
import type { ExternalDatabase } from "./targets.js";

const socket_path = "/api/v1/sql/socket";
const history_path = "/api/v1/account/sql-history";
/** The server takes no entry for older or longer than that. */
const age_max_ms = 30 * 24 * 3_600_000;
const elapsed_max_ms = 24 * 3_600_000;
const database_letters_max = 100;

const within = (value: number, max: number): number => Math.round(Math.min(max, Math.max(0, value)));

interface DatabaseList {
  readonly databases: readonly { readonly name: string; readonly engine: SqlEngine }[];
}

export class SqlApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The path of the sessions' WebSocket with a ticket that opens it once. */
  async socketPath(signal: AbortSignal): Answer<string> {
    const json = { path: socket_path };
    const ticket = await this.#transport.json<Ticket>({ method: "POST", path: "/api/v1/tickets", json, signal });
    return ticket.ok ? succeed(`${socket_path}?ticket=${encodeURIComponent(ticket.value.ticket)}`) : ticket;
  }

  /** The databases that an administrator has registered. */
  async databases(): Answer<readonly ExternalDatabase[]> {
    const list = await this.#transport.json<DatabaseList>({ method: "GET", path: "/api/v1/databases" });
    return list.ok ? succeed(list.value.databases) : list;
  }

  /** What the user ran, the last first. */
  async history(): Answer<readonly HistoryEntry[]> {
    const list = await this.#transport.json<SqlHistoryList>({ method: "GET", path: history_path });
    if (!list.ok) return list;
    return succeed(list.value.entries.map(({ ran_at, ...entry }) => ({ ...entry, at_ms: Date.parse(ran_at) })));
  }

  addHistory(entry: HistoryEntry): Answer<undefined> {
    const { text, engine, failed } = entry;
    const database = entry.database.slice(0, database_letters_max);
    const elapsed_ms = within(entry.elapsed_ms, elapsed_max_ms);
    // Clocks differ: how long ago it was is the same everywhere.
    const age_ms = within(Date.now() - entry.at_ms, age_max_ms);
    const json = { text, engine, database, elapsed_ms, failed, age_ms };
    return this.#transport.none({ method: "POST", path: history_path, json });
  }

  clearHistory(): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: history_path });
  }
}
