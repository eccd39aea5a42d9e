// SignInApi: the requests by which somebody becomes somebody. None of them needs a session; a
// guest's goes along all the same, so that what belongs to the guest goes over to the account.

import type { Transport, Answer } from "../../lib/transport.js";
import type { Link, Session as SessionAnswer, SignInOptions } from "../../protocol/api.generated.js";

export interface NewAccount {
  readonly name: string;
  readonly password: string;
  readonly display_name: string;
}

export class SignInApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  ways(): Answer<SignInOptions> {
    return this.#transport.json({ method: "GET", path: "/api/v1/sign-in", open_to_all: true });
  }

  signIn(name: string, password: string): Answer<SessionAnswer> {
    return this.#post("/api/v1/sign-in", { name, password });
  }

  /** The provider's address to go to. */
  providerUrl(return_to: string): Answer<{ readonly url: string }> {
    return this.#post("/api/v1/sign-in/provider", { return_to });
  }

  signUp(code: string, account: NewAccount): Answer<SessionAnswer> {
    return this.#post("/api/v1/sign-up", { code, ...account });
  }

  look(secret: string): Answer<Link> {
    return this.#post("/api/v1/links/look", { secret });
  }

  useLink(secret: string, account: NewAccount): Answer<SessionAnswer> {
    return this.#post("/api/v1/links/use", { secret, ...account });
  }

  resetPassword(secret: string, password: string): Answer<SessionAnswer> {
    return this.#post("/api/v1/links/use", { secret, password });
  }

  /** For somebody who has an account and is signed in. */
  joinByLink(secret: string): Answer<SessionAnswer> {
    return this.#post("/api/v1/links/join", { secret });
  }

  joinByCode(code: string): Answer<{ readonly id: string }> {
    return this.#post("/api/v1/classes/join", { code });
  }

  #post<T>(path: string, json: unknown): Answer<T> {
    return this.#transport.json({ method: "POST", path, json, open_to_all: true });
  }
}
