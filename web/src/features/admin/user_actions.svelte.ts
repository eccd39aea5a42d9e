// UserActions: what an administrator does to a user, each asked for first, by the user's name.

import type { Answer, Failure } from "../../lib/api.js";
import { t } from "../../lib/i18n.svelte.js";
import type { AccountRole } from "../../lib/roles.js";
import { say, type AdminWord } from "../../lib/words/admin.js";
import type { DirectoryUser } from "../../protocol/api.generated.js";
import type { Question } from "../../ui/question.js";
import type { AdminApi } from "./admin_api.js";
import type { Users } from "./users.svelte.js";

interface Words {
  readonly title: AdminWord;
  readonly text: AdminWord;
  readonly action: AdminWord;
  readonly danger?: boolean;
}

export class UserActions {
  readonly #api: AdminApi;
  readonly #users: Users;
  readonly #acted: () => void;
  #question = $state.raw<Question | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);
  #link = $state.raw<{ readonly name: string; readonly secret: string } | undefined>(undefined);

  /** `acted` is called when the page acts as somebody else from now on. */
  constructor(api: AdminApi, users: Users, acted: () => void) {
    this.#api = api;
    this.#users = users;
    this.#acted = acted;
  }

  get question(): Question | undefined {
    return this.#question;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The link for a new password that was just made. */
  get link(): { readonly name: string; readonly secret: string } | undefined {
    return this.#link;
  }

  close(): void {
    this.#question = undefined;
  }

  dismiss(): void {
    this.#failure = undefined;
    this.#link = undefined;
  }

  changeRole(user: DirectoryUser, role: AccountRole): void {
    if (user.role === role) return;
    this.#question = {
      title: say("users.role_title", { name: user.display_name, role: t(`role.${role}`) }),
      text: say("users.role_text"),
      action: say("users.role_go"),
      answered: () => void this.#change(user, { role }),
    };
  }

  disable(user: DirectoryUser): void {
    const words = { title: "users.disable_title", text: "users.disable_text", action: "users.disable" } as const;
    this.#ask(user, { ...words, danger: true }, () => this.#change(user, { disabled: true }));
  }

  enable(user: DirectoryUser): void {
    void this.#change(user, { disabled: false });
  }

  actAs(user: DirectoryUser): void {
    const words = { title: "users.act_as_title", text: "users.act_as_text", action: "users.act_as_go" } as const;
    this.#ask(user, words, async () => {
      if (await this.#did(this.#api.actAs(user.id))) this.#acted();
    });
  }

  reset(user: DirectoryUser): void {
    const words = { title: "users.reset_title", text: "users.reset_text", action: "users.reset_go" } as const;
    this.#ask(user, words, async () => {
      const made = await this.#api.resetUser(user.id);
      if (made.ok) this.#link = { name: user.display_name, secret: made.value.secret };
      this.#failure = made.ok ? undefined : made.error;
    });
  }

  endSessions(user: DirectoryUser): void {
    const words = {
      title: "users.end_sessions_title",
      text: "users.end_sessions_text",
      action: "users.end_sessions",
    } as const;
    this.#ask(user, { ...words, danger: true }, () => this.#did(this.#api.endSessions(user.id)));
  }

  remove(user: DirectoryUser): void {
    const words = { title: "users.remove_title", text: "users.remove_text", action: "users.remove" } as const;
    this.#ask(user, { ...words, danger: true }, async () => {
      if (await this.#did(this.#api.removeUser(user.id))) this.#users.remove(user.id);
    });
  }

  #ask(user: DirectoryUser, words: Words, answered: () => Promise<unknown>): void {
    this.#question = {
      title: say(words.title, { name: user.display_name }),
      text: say(words.text),
      action: say(words.action),
      danger: words.danger ?? false,
      answered: () => void answered(),
    };
  }

  async #change(user: DirectoryUser, change: Parameters<AdminApi["changeUser"]>[1]): Promise<void> {
    const changed = await this.#api.changeUser(user.id, change);
    if (changed.ok) this.#users.put({ ...user, ...changed.value });
    this.#failure = changed.ok ? undefined : changed.error;
  }

  async #did(request: Answer<unknown>): Promise<boolean> {
    const done = await request;
    this.#failure = done.ok ? undefined : done.error;
    return done.ok;
  }
}
