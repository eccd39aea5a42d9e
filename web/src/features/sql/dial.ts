// dialDatabase: a WebSocket for one session.

import { dialSocket } from "../../lib/dial_socket.js";
import { sql_subprotocol } from "../../protocol/sql.js";
import type { SqlSocket, SqlSocketListener } from "../../protocol/sql_connection.js";
import type { SqlApi } from "./sql_api.js";

export function dialDatabase(api: SqlApi, listener: SqlSocketListener): SqlSocket {
  return dialSocket({
    path: (signal) => api.socketPath(signal),
    subprotocol: sql_subprotocol,
    listener,
    // A binary message is none of this protocol; no text at all makes the connection say so.
    received: (data) => listener.received(typeof data === "string" ? data : ""),
  });
}
