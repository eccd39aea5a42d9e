// AccountApi: what people do with their own account.

import { succeed } from "../../lib/result.js";
import type { Answer, Transport } from "../../lib/transport.js";
import type { ApiToken, ApiTokenList, NewApiToken, Scope, SessionList, User } from "../../protocol/api.generated.js";

export type Profile = Partial<Pick<User, "display_name" | "email" | "language" | "theme">>;

export type AccountSession = SessionList["sessions"][number];

export interface TokenRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expires_in_days: number | null;
}

const base = "/api/v1/account";

export class AccountApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  change(profile: Profile): Answer<User> {
    return this.#transport.json({ method: "PATCH", path: base, json: profile });
  }

  changePassword(current: string | undefined, password: string): Answer<undefined> {
    const json = current === undefined ? { new: password } : { current, new: password };
    return this.#transport.none({ method: "POST", path: `${base}/password`, json });
  }

  async sessions(): Answer<readonly AccountSession[]> {
    const list = await this.#transport.json<SessionList>({ method: "GET", path: `${base}/sessions` });
    return list.ok ? succeed(list.value.sessions) : list;
  }

  endSession(id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `${base}/sessions/${id}` });
  }

  endOtherSessions(): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `${base}/sessions` });
  }

  async tokens(): Answer<readonly ApiToken[]> {
    const list = await this.#transport.json<ApiTokenList>({ method: "GET", path: `${base}/tokens` });
    return list.ok ? succeed(list.value.tokens) : list;
  }

  makeToken(request: TokenRequest): Answer<NewApiToken> {
    return this.#transport.json({ method: "POST", path: `${base}/tokens`, json: request });
  }

  revokeToken(id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `${base}/tokens/${id}` });
  }

  remove(password: string | undefined): Answer<undefined> {
    const json = password === undefined ? {} : { password };
    return this.#transport.none({ method: "DELETE", path: base, json });
  }
}
