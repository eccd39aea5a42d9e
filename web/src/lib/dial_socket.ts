// dialSocket: a WebSocket at an address that the server gives, with a fresh ticket each time.
//
// Used by the features whose protocols run over one. Ownership: whoever dials calls close(), which
// also ends a dial that still waits for its ticket.

import type { SocketFailure } from "../protocol/terminal_connection.js";
import type { Answer, Failure } from "./transport.js";

export interface SocketDial {
  readonly path: (signal: AbortSignal) => Answer<string>;
  readonly subprotocol: string;
  readonly listener: { opened(): void; closed(failure: SocketFailure): void };
  /** A message: a text, or an ArrayBuffer. */
  readonly received: (data: unknown) => void;
}

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

export function dialSocket({ path: askPath, subprotocol, listener, received }: SocketDial): {
  send(message: string | Uint8Array): void;
  close(): void;
} {
  let socket: WebSocket | undefined;
  const ending = new AbortController();

  const open = async (): Promise<void> => {
    const path = await askPath(ending.signal);
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
    socket.onmessage = (event: MessageEvent<unknown>) => received(event.data);
    socket.onclose = (event) => listener.closed({ kind: "closed", code: event.code });
  };
  void open();

  return {
    send: (message) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(message);
    },
    close: () => {
      ending.abort();
      if (socket === undefined) return;
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}
