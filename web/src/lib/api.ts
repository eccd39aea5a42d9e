// Api: the REST API of the server, one method per operation the pages use.
//
// Types come from api/openapi.yaml. A page without a session gets one before its first request and
// after a 401, so that nobody ever has to sign in to start. Failures are values: the server's
// {code, message, request_id}, or "unreachable" when no server answered.

import type {
  Error as ApiError,
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
import { fail, succeed, type Result } from "./result.js";

export interface Failure {
  readonly code: ApiError["code"] | "unreachable";
  readonly message: string;
  readonly request_id: string | undefined;
  readonly retry_after_s: number | undefined;
}

export type Answer<T> = Promise<Result<T, Failure>>;

interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly json?: unknown;
  readonly body?: Blob;
  readonly signal?: AbortSignal;
}

const failure = (code: Failure["code"], message: string): Failure => ({
  code,
  message,
  request_id: undefined,
  retry_after_s: undefined,
});

/** The error in `response`, also when something between us and the server answered in its place. */
async function readFailure(response: Response): Promise<Failure> {
  const retry_after_s = Number(response.headers.get("Retry-After") ?? NaN);
  let body: Partial<ApiError> = {};
  try {
    body = (await response.json()) as Partial<ApiError>;
  } catch {
    // Not ours: a proxy's page. The status says enough.
  }
  return {
    code: body.code ?? (response.status >= 500 ? "unavailable" : "internal"),
    message: body.message ?? `HTTP ${response.status}`,
    request_id: body.request_id,
    retry_after_s: Number.isFinite(retry_after_s) ? retry_after_s : undefined,
  };
}

function requestInit(call: Call): RequestInit {
  const init: RequestInit = { method: call.method, credentials: "same-origin", cache: "no-store" };
  if (call.signal) init.signal = call.signal;
  if (call.json !== undefined) {
    init.body = JSON.stringify(call.json);
    init.headers = { "Content-Type": "application/json" };
  } else if (call.body) {
    init.body = call.body;
    init.headers = { "Content-Type": "application/octet-stream" };
  }
  return init;
}

const query = (path: string): string => `path=${encodeURIComponent(path)}`;

export class Api {
  readonly #fetch: typeof fetch;
  #session: Promise<Failure | undefined> | undefined;

  constructor(fetch_function: typeof fetch = (input, init) => globalThis.fetch(input, init)) {
    this.#fetch = fetch_function;
  }

  status(): Answer<Status> {
    return this.#json({ method: "GET", path: "/api/v1/status" });
  }

  async images(): Answer<readonly Image[]> {
    const list = await this.#json<ImageList>({ method: "GET", path: "/api/v1/images" });
    return list.ok ? succeed(list.value.images) : list;
  }

  async sandboxes(): Answer<readonly Sandbox[]> {
    const list = await this.#json<SandboxList>({ method: "GET", path: "/api/v1/sandboxes" });
    return list.ok ? succeed(list.value.sandboxes) : list;
  }

  createSandbox(image: string): Answer<Sandbox> {
    return this.#json({ method: "POST", path: "/api/v1/sandboxes", json: { image } });
  }

  sandbox(id: string): Answer<Sandbox> {
    return this.#json({ method: "GET", path: `/api/v1/sandboxes/${id}` });
  }

  destroySandbox(id: string): Answer<undefined> {
    return this.#none({ method: "DELETE", path: `/api/v1/sandboxes/${id}` });
  }

  stats(id: string): Answer<Stats> {
    return this.#json({ method: "GET", path: `/api/v1/sandboxes/${id}/stats` });
  }

  async terminals(id: string): Answer<readonly Terminal[]> {
    const list = await this.#json<TerminalList>({ method: "GET", path: `/api/v1/sandboxes/${id}/terminals` });
    return list.ok ? succeed(list.value.terminals) : list;
  }

  openTerminal(id: string, cols: number, rows: number): Answer<Terminal> {
    return this.#json({ method: "POST", path: `/api/v1/sandboxes/${id}/terminals`, json: { cols, rows } });
  }

  closeTerminal(terminal_id: string): Answer<undefined> {
    return this.#none({ method: "DELETE", path: `/api/v1/terminals/${terminal_id}` });
  }

  /** The path of `terminal_id`'s WebSocket with a ticket that opens it once. */
  async terminalSocket(terminal_id: string): Answer<string> {
    const path = `/api/v1/terminals/${terminal_id}/socket`;
    const ticket = await this.#json<Ticket>({ method: "POST", path: "/api/v1/tickets", json: { path } });
    return ticket.ok ? succeed(`${path}?ticket=${encodeURIComponent(ticket.value.ticket)}`) : ticket;
  }

  listFiles(id: string, path: string): Answer<FileList> {
    return this.#json({ method: "GET", path: `/api/v1/sandboxes/${id}/files/list?${query(path)}` });
  }

  statFile(id: string, path: string): Answer<FileInfo> {
    return this.#json({ method: "GET", path: `/api/v1/sandboxes/${id}/files/stat?${query(path)}` });
  }

  async readFile(id: string, path: string): Answer<ArrayBuffer> {
    const response = await this.#send({ method: "GET", path: this.fileUrl(id, path) });
    if (!response.ok) return response;
    try {
      return succeed(await response.value.arrayBuffer());
    } catch {
      return fail(failure("unreachable", "the download ended early"));
    }
  }

  writeFile(id: string, path: string, content: Blob): Answer<undefined> {
    return this.#none({ method: "PUT", path: this.fileUrl(id, path), body: content });
  }

  removeFile(id: string, path: string): Answer<undefined> {
    return this.#none({ method: "DELETE", path: `${this.fileUrl(id, path)}&recursive=true` });
  }

  makeDirectory(id: string, path: string): Answer<undefined> {
    return this.#none({ method: "POST", path: `/api/v1/sandboxes/${id}/files/directory?${query(path)}` });
  }

  moveFile(id: string, path: string, to: string): Answer<undefined> {
    const target = `to=${encodeURIComponent(to)}`;
    return this.#none({ method: "POST", path: `/api/v1/sandboxes/${id}/files/move?${query(path)}&${target}` });
  }

  /** Addresses for download links; the server answers them as attachments. */
  fileUrl(id: string, path: string): string {
    return `/api/v1/sandboxes/${id}/files?${query(path)}`;
  }

  tarUrl(id: string, path: string): string {
    return `/api/v1/sandboxes/${id}/files/tar?${query(path)}`;
  }

  /** Makes sure that there is a session; the cookie is the server's business. */
  async ensureSession(): Answer<undefined> {
    this.#session ??= this.#openSession();
    const error = await this.#session;
    if (error === undefined) return succeed(undefined);
    this.#session = undefined;
    return fail(error);
  }

  async #openSession(): Promise<Failure | undefined> {
    const response = await this.#attempt({ method: "POST", path: "/api/v1/session" });
    return response.ok ? undefined : response.error;
  }

  async #json<T>(call: Call): Answer<T> {
    const response = await this.#send(call);
    if (!response.ok) return response;
    try {
      return succeed((await response.value.json()) as T);
    } catch {
      return fail(failure("unreachable", "the answer ended early"));
    }
  }

  async #none(call: Call): Answer<undefined> {
    const response = await this.#send(call);
    return response.ok ? succeed(undefined) : response;
  }

  async #send(call: Call): Answer<Response> {
    const session = await this.ensureSession();
    if (!session.ok) return session;
    const first = await this.#attempt(call);
    if (first.ok || first.error.code !== "unauthenticated") return first;
    // The session ran out while the page was open, or the server has a new secret.
    this.#session = undefined;
    const renewed = await this.ensureSession();
    return renewed.ok ? this.#attempt(call) : renewed;
  }

  async #attempt(call: Call): Answer<Response> {
    try {
      const response = await this.#fetch(call.path, requestInit(call));
      return response.ok ? succeed(response) : fail(await readFailure(response));
    } catch (error) {
      return fail(failure("unreachable", error instanceof Error ? error.message : "no answer"));
    }
  }
}
