// Transport: requests to the server with a session behind them. Failures are values.
//
// Used by Api and by the features' own APIs. A page without a session gets one before its first
// request and after a 401, so that nobody ever has to sign in to start; who had signed in is not
// made a guest behind their back. A failure is the server's {code, message, request_id},
// "unreachable" when no server answered, or "cancelled" when the caller's signal ended it.

import type { Error as ApiError, Session as SessionAnswer } from "../protocol/api.generated.js";
import type { MessageKey } from "./messages.js";
import { fail, succeed, type Result } from "./result.js";
import { server_clock } from "./server_clock.svelte.js";

export interface Failure {
  readonly code: ApiError["code"] | "unreachable";
  readonly message: string;
  readonly request_id: string | undefined;
  readonly retry_after_s: number | undefined;
  /** What the page itself has to say, instead of the server's message. */
  readonly detail?: MessageKey;
}

export type Answer<T> = Promise<Result<T, Failure>>;

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly json?: unknown;
  readonly body?: Blob;
  readonly signal?: AbortSignal | undefined;
  /** How long the whole answer may take; a transfer of a file takes as long as it takes. */
  readonly timeout_ms?: number | undefined;
  /** With a body: called with the number of its bytes that are sent. */
  readonly progress?: ((sent_bytes: number) => void) | undefined;
  /** For everybody: sent as it is, and no session is opened for it. */
  readonly open_to_all?: boolean;
}

/** Who wants to know about the session behind the requests. */
export interface SessionListener {
  opened(session: SessionAnswer): void;
  /** No request will succeed until somebody signs in. */
  lost(): void;
}

/** Sends a body and tells how far that is, which fetch() cannot. */
export type SendBody = (call: Call, signal: AbortSignal | undefined) => Promise<Response>;

export const answer_timeout_ms = 30_000;

/** A failure that no server reported. `message` is for what needs no translation, like a path. */
export function makeFailure(code: Failure["code"], detail?: MessageKey, message = ""): Failure {
  const failure: Failure = { code, message, request_id: undefined, retry_after_s: undefined };
  return detail === undefined ? failure : { ...failure, detail };
}

/** The error in `response`, also when something between us and the server answered in its place. */
async function readFailure(response: Response): Promise<Failure> {
  const retry_after = response.headers.get("Retry-After");
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
    retry_after_s: retry_after !== null && /^\d{1,6}$/.test(retry_after) ? Number(retry_after) : undefined,
  };
}

function requestInit(call: Call, signal: AbortSignal | undefined): RequestInit {
  const init: RequestInit = { method: call.method, credentials: "same-origin", cache: "no-store" };
  if (signal) init.signal = signal;
  if (call.json !== undefined) {
    init.body = JSON.stringify(call.json);
    init.headers = { "Content-Type": "application/json" };
  } else if (call.body) {
    init.body = call.body;
    init.headers = { "Content-Type": "application/octet-stream" };
  }
  return init;
}

function endOf(call: Call): AbortSignal | undefined {
  const timeout = call.timeout_ms === undefined ? undefined : AbortSignal.timeout(call.timeout_ms);
  if (call.signal === undefined || timeout === undefined) return call.signal ?? timeout;
  return AbortSignal.any([call.signal, timeout]);
}

export class Transport {
  readonly #fetch: typeof fetch;
  readonly #send_body: SendBody;
  #session: Promise<Failure | undefined> | undefined;
  #listener: SessionListener | undefined;
  #signed_in = false;

  constructor(fetch_function: typeof fetch, send_body: SendBody) {
    this.#fetch = fetch_function;
    this.#send_body = send_body;
  }

  listen(listener: SessionListener): void {
    this.#listener = listener;
  }

  /** A session that was there already, or that a sign-in has just made. */
  adopt(session: SessionAnswer): void {
    this.#session = Promise.resolve(undefined);
    this.#signed_in = session.user.role !== "guest";
    this.#listener?.opened(session);
  }

  json<T>(call: Call): Answer<T> {
    return this.#read({ timeout_ms: answer_timeout_ms, ...call }, async (response) => (await response.json()) as T);
  }

  none(call: Call): Answer<undefined> {
    const timeout_ms = call.body === undefined ? answer_timeout_ms : undefined;
    return this.#read({ timeout_ms, ...call }, () => undefined);
  }

  bytes(call: Call): Answer<ArrayBuffer> {
    return this.#read(call, (response) => response.arrayBuffer());
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
    const call: Call = {
      // Asks only, for who had signed in: that request may be refused for another reason.
      method: this.#signed_in ? "GET" : "POST",
      path: "/api/v1/session",
      timeout_ms: answer_timeout_ms,
    };
    const response = await this.#attempt(call);
    if (response.ok) {
      await this.#opened(response.value);
      return undefined;
    }
    // The session of an account has ended, or guests are off.
    if (response.error.code === (this.#signed_in ? "unauthenticated" : "denied")) this.#listener?.lost();
    return response.error;
  }

  async #opened(response: Response): Promise<void> {
    try {
      const session = (await response.json()) as Partial<SessionAnswer>;
      if (session.user === undefined) return;
      this.#signed_in = session.user.role !== "guest";
      this.#listener?.opened(session as SessionAnswer);
    } catch {
      // The cookie counts; who that is stays unknown for now.
    }
  }

  async #read<T>(call: Call, read: (response: Response) => T | Promise<T>): Answer<T> {
    const response = await this.#send(call);
    if (!response.ok) return response;
    try {
      return succeed(await read(response.value));
    } catch {
      return fail(this.#noAnswer(call, "error.detail.cut"));
    }
  }

  async #send(call: Call): Answer<Response> {
    if (call.open_to_all === true) return this.#attempt(call);
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
    const signal = endOf(call);
    try {
      const with_progress = call.body !== undefined && call.progress !== undefined;
      const response = await (with_progress
        ? this.#send_body(call, signal)
        : this.#fetch(call.path, requestInit(call, signal)));
      server_clock.heard(response.headers.get("Date"));
      return response.ok ? succeed(response) : fail(await readFailure(response));
    } catch (error) {
      // What the browser says of a lost network is English, and no more than that.
      const timed_out = error instanceof DOMException && error.name === "TimeoutError";
      return fail(this.#noAnswer(call, timed_out ? "error.detail.timeout" : undefined));
    }
  }

  #noAnswer(call: Call, detail?: MessageKey): Failure {
    return makeFailure(call.signal?.aborted === true ? "cancelled" : "unreachable", detail);
  }
}
