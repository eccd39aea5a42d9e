// Session: who uses this page, and what follows from it.
//
// One for the whole page. What it knows comes from the answers about the session; a guest is known
// too, and until the first answer nobody is. The language and theme of an account are applied when
// it signs in and saved when they are changed, but not while an admin acts as somebody.

import type { Grant, Named, Session as SessionAnswer, User } from "../protocol/api.generated.js";
import { succeed } from "./result.js";
import { settings } from "./settings.svelte.js";
import type { Answer, Transport } from "./transport.js";

export type Known = "unknown" | "nobody" | "guest" | "account";

export class Session {
  readonly #transport: Transport;
  #known = $state<Known>("unknown");
  #answer = $state.raw<SessionAnswer | undefined>(undefined);
  #lost: () => void = () => undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.listen({ opened: (session) => this.#opened(session), lost: () => this.#ended() });
    settings.listen(() => void this.#savePreferences());
  }

  /** Calls `lost` when nothing is possible any more without a sign-in. */
  whenLost(lost: () => void): void {
    this.#lost = lost;
  }

  get known(): Known {
    return this.#known;
  }

  /** Who has signed in; undefined for a guest and for nobody. */
  get account(): User | undefined {
    return this.#known === "account" ? this.#answer?.user : undefined;
  }

  /** The admin who acts as `account`. */
  get acting_admin(): Named | undefined {
    return this.#answer?.acting_admin ?? undefined;
  }

  get quota(): Grant | undefined {
    return this.#answer?.quota;
  }

  get teaches(): boolean {
    return this.account?.role === "teacher" || this.account?.role === "admin";
  }

  get administrates(): boolean {
    return this.account?.role === "admin";
  }

  /** Asks who there is without making a guest of nobody. */
  async look(): Answer<Known> {
    if (this.#known === "account" || this.#known === "guest") return succeed(this.#known);
    const answer = await this.#transport.json<SessionAnswer>({
      method: "GET",
      path: "/api/v1/session",
      open_to_all: true,
    });
    if (answer.ok) this.#transport.adopt(answer.value);
    else if (answer.error.code !== "unauthenticated") return answer;
    else this.#known = "nobody";
    return succeed(this.#known);
  }

  /** Ends the session; an admin who acts as somebody is themselves again then. */
  signOut(): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: "/api/v1/session", open_to_all: true });
  }

  /** The account has been changed by this page. */
  update(user: User): void {
    if (this.#answer !== undefined) this.#answer = { ...this.#answer, user };
  }

  #opened(session: SessionAnswer): void {
    this.#answer = session;
    this.#known = session.user.role === "guest" ? "guest" : "account";
    if (this.#known === "guest" || this.acting_admin !== undefined) return;
    const { language, theme } = session.user;
    settings.adopt(language === "" ? undefined : language, theme === "" ? undefined : theme);
  }

  #ended(): void {
    this.#known = "nobody";
    this.#answer = undefined;
    this.#lost();
  }

  async #savePreferences(): Promise<void> {
    if (this.account === undefined || this.acting_admin !== undefined) return;
    const theme = settings.theme === "system" ? "" : settings.theme;
    const json = { language: settings.language, theme };
    const saved = await this.#transport.json<User>({ method: "PATCH", path: "/api/v1/account", json });
    // When that fails the choice holds in this browser, as a guest's does.
    if (saved.ok) this.update(saved.value);
  }
}
