// dialTerminal: a WebSocket to one terminal.

import type { Api } from "../../lib/api.js";
import { dialSocket } from "../../lib/dial_socket.js";
import { subprotocol } from "../../protocol/terminal.js";
import type { Socket, SocketListener } from "../../protocol/terminal_connection.js";

export function dialTerminal(api: Api, terminal_id: string, listener: SocketListener): Socket {
  return dialSocket({
    path: (signal) => api.terminalSocket(terminal_id, signal),
    subprotocol,
    listener,
    // A text message is none of this protocol; empty bytes make the connection say so.
    received: (data) => listener.received(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0)),
  });
}
