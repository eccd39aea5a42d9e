// dialTerminal: a WebSocket to one terminal, with a fresh ticket each time.

import type { Api, Failure } from "../../lib/api.js";
import { subprotocol } from "../../protocol/terminal.js";
import type { Socket, SocketFailure, SocketListener } from "../../protocol/terminal_connection.js";

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

/** Dials `terminal_id`. The socket's close() also ends a dial that still waits for its ticket. */
export function dialTerminal(api: Api, terminal_id: string, listener: SocketListener): Socket {
  let socket: WebSocket | undefined;
  const ending = new AbortController();

  const open = async (): Promise<void> => {
    const path = await api.terminalSocket(terminal_id, ending.signal);
    if (ending.signal.aborted) return;
    if (!path.ok) {
      listener.closed(socketFailure(path.error));
      return;
    }
    const url = new URL(path.value, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url, subprotocol);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => listener.opened();
    socket.onmessage = (event: MessageEvent<unknown>) => {
      // A text message is none of this protocol; empty bytes make the connection say so.
      listener.received(event.data instanceof ArrayBuffer ? new Uint8Array(event.data) : new Uint8Array(0));
    };
    socket.onclose = (event) => listener.closed({ kind: "closed", code: event.code });
  };
  void open();

  return {
    send: (bytes) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    close: () => {
      ending.abort();
      if (socket === undefined) return;
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}
