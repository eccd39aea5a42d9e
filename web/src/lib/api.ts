// Api: the REST API of the server, one method per operation the pages use.
//
// What only one feature asks is in that feature, over the same transport.
//
// Types come from api/openapi.yaml; sessions, failures and time limits are in transport.ts.

import type {
  FileInfo,
  FileList,
  Image,
  ImageList,
  Sandbox,
  SandboxList,
  Stats,
  Status,
  Terminal,
  TerminalList,
  Ticket,
} from "../protocol/api.generated.js";
import { pathQuery } from "./path_bytes.js";
import { succeed } from "./result.js";
import { sendBody } from "./send_body.js";
import { Transport, type Answer, type SendBody } from "./transport.js";

export { makeFailure, type Answer, type Failure } from "./transport.js";

/** A machine may have to wait for its turn on a busy host. */
const create_timeout_ms = 120_000;

export interface TransferOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (sent_bytes: number) => void;
}

export class Api {
  readonly #transport: Transport;

  constructor(
    fetch_function: typeof fetch = (input, init) => globalThis.fetch(input, init),
    send_body: SendBody = sendBody,
  ) {
    this.#transport = new Transport(fetch_function, send_body);
  }

  /** The requests and the session behind them, for what a feature asks itself. */
  get transport(): Transport {
    return this.#transport;
  }

  status(): Answer<Status> {
    return this.#transport.json({ method: "GET", path: "/api/v1/status" });
  }

  async images(): Answer<readonly Image[]> {
    const list = await this.#transport.json<ImageList>({ method: "GET", path: "/api/v1/images" });
    return list.ok ? succeed(list.value.images) : list;
  }

  async sandboxes(): Answer<readonly Sandbox[]> {
    const list = await this.#transport.json<SandboxList>({ method: "GET", path: "/api/v1/sandboxes" });
    return list.ok ? succeed(list.value.sandboxes) : list;
  }

  createSandbox(image: string): Answer<Sandbox> {
    const timeout_ms = create_timeout_ms;
    return this.#transport.json({ method: "POST", path: "/api/v1/sandboxes", json: { image }, timeout_ms });
  }

  sandbox(id: string): Answer<Sandbox> {
    return this.#transport.json({ method: "GET", path: `/api/v1/sandboxes/${id}` });
  }

  destroySandbox(id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `/api/v1/sandboxes/${id}` });
  }

  stats(id: string): Answer<Stats> {
    return this.#transport.json({ method: "GET", path: `/api/v1/sandboxes/${id}/stats` });
  }

  async terminals(id: string): Answer<readonly Terminal[]> {
    const list = await this.#transport.json<TerminalList>({ method: "GET", path: `/api/v1/sandboxes/${id}/terminals` });
    return list.ok ? succeed(list.value.terminals) : list;
  }

  openTerminal(id: string, cols: number, rows: number): Answer<Terminal> {
    return this.#transport.json({ method: "POST", path: `/api/v1/sandboxes/${id}/terminals`, json: { cols, rows } });
  }

  closeTerminal(terminal_id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `/api/v1/terminals/${terminal_id}` });
  }

  /** The path of `terminal_id`'s WebSocket with a ticket that opens it once. */
  async terminalSocket(terminal_id: string, signal?: AbortSignal): Answer<string> {
    const path = `/api/v1/terminals/${terminal_id}/socket`;
    const ticket = await this.#transport.json<Ticket>({ method: "POST", path: "/api/v1/tickets", json: { path }, signal });
    return ticket.ok ? succeed(`${path}?ticket=${encodeURIComponent(ticket.value.ticket)}`) : ticket;
  }

  listFiles(id: string, path: string): Answer<FileList> {
    return this.#transport.json({ method: "GET", path: `/api/v1/sandboxes/${id}/files/list?${pathQuery(path)}` });
  }

  /** What is at `path`; a link is followed. */
  statFile(id: string, path: string): Answer<FileInfo> {
    return this.#transport.json({ method: "GET", path: `/api/v1/sandboxes/${id}/files/stat?${pathQuery(path)}` });
  }

  readFile(id: string, path: string): Answer<ArrayBuffer> {
    return this.#transport.bytes({ method: "GET", path: this.fileUrl(id, path) });
  }

  writeFile(id: string, path: string, body: Blob, options: TransferOptions = {}): Answer<undefined> {
    return this.#transport.none({ method: "PUT", path: this.fileUrl(id, path), body, ...options });
  }

  removeFile(id: string, path: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `${this.fileUrl(id, path)}&recursive=true` });
  }

  makeDirectory(id: string, path: string, signal?: AbortSignal): Answer<undefined> {
    const query = pathQuery(path);
    return this.#transport.none({ method: "POST", path: `/api/v1/sandboxes/${id}/files/directory?${query}`, signal });
  }

  moveFile(id: string, path: string, to: string): Answer<undefined> {
    const query = `${pathQuery(path)}&${pathQuery(to, "to")}`;
    return this.#transport.none({ method: "POST", path: `/api/v1/sandboxes/${id}/files/move?${query}` });
  }

  /** Addresses for download links; the server answers them as attachments. */
  fileUrl(id: string, path: string): string {
    return `/api/v1/sandboxes/${id}/files?${pathQuery(path)}`;
  }

  tarUrl(id: string, path: string): string {
    return `/api/v1/sandboxes/${id}/files/tar?${pathQuery(path)}`;
  }

  /** Makes sure that there is a session. */
  ensureSession(): Answer<undefined> {
    return this.#transport.ensureSession();
  }
}
