// dialDatabase: a WebSocket for one session, with a fresh ticket each time.

import type { Failure } from "../../lib/api.js";
import { sql_subprotocol } from "../../protocol/sql.js";
import type { SqlSocket, SqlSocketListener } from "../../protocol/sql_connection.js";
import type { SocketFailure } from "../../protocol/terminal_connection.js";
import type { SqlApi } from "./sql_api.js";

const closed_abnormally = 1006;

function socketFailure(failure: Failure): SocketFailure {
  switch (failure.code) {
    case "not_found":
      return { kind: "gone" };
    case "denied":
    case "unauthenticated":
      return { kind: "denied" };
    case "exhausted":
      return { kind: "limited", retry_after_ms: 1000 * (failure.retry_after_s ?? 5) };
    default:
      return { kind: "closed", code: closed_abnormally };
  }
}

/** Dials. The socket's close() also ends a dial that still waits for its ticket. */
export function dialDatabase(api: SqlApi, listener: SqlSocketListener): SqlSocket {
  let socket: WebSocket | undefined;
  const ending = new AbortController();

  const open = async (): Promise<void> => {
    const path = await api.socketPath(ending.signal);
    if (ending.signal.aborted) return;
    if (!path.ok) {
      listener.closed(socketFailure(path.error));
      return;
    }
    const url = new URL(path.value, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url, sql_subprotocol);
    socket.onopen = () => listener.opened();
    socket.onmessage = (event: MessageEvent<unknown>) => {
      // A binary message is none of this protocol; no text at all makes the connection say so.
      listener.received(typeof event.data === "string" ? event.data : "");
    };
    socket.onclose = (event) => listener.closed({ kind: "closed", code: event.code });
  };
  void open();

  return {
    send: (text) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      ending.abort();
      if (socket === undefined) return;
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}
