// SqlApi: what the SQL pages ask of the REST API: a ticket for a session, and registered databases.

import { succeed } from "../../lib/result.js";
import type { Answer, Transport } from "../../lib/transport.js";
import type { Ticket } from "../../protocol/api.generated.js";
import type { SqlEngine } from "../../protocol/sql.js";
import type { ExternalDatabase } from "./targets.js";

const socket_path = "/api/v1/sql/socket";

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
}
