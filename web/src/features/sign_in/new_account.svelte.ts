// AccountDraft: the name and password somebody chooses for a new account, while they are typed.

import { people } from "../../lib/words/people.js";
import type { NewAccount } from "./sign_in_api.js";

const name_length_min = 2;
const password_length_min = 10;

export type AccountField = "name" | "display_name" | "password";

export class AccountDraft {
  name = $state("");
  display_name = $state("");
  password = $state("");
  #tried = $state(false);

  /** What is wrong with `field`, once the user has said that they are done. */
  problem(field: AccountField): string | undefined {
    return this.#tried ? this.#wrong(field) : undefined;
  }

  /** The account that was asked for; undefined while something is missing. */
  finish(): NewAccount | undefined {
    this.#tried = true;
    if ((["name", "display_name", "password"] as const).some((field) => this.#wrong(field) !== undefined)) {
      return undefined;
    }
    return { name: this.name.trim(), display_name: this.display_name.trim(), password: this.password };
  }

  /** The same for a password alone. */
  finishPassword(): string | undefined {
    this.#tried = true;
    return this.#wrong("password") === undefined ? this.password : undefined;
  }

  #wrong(field: AccountField): string | undefined {
    switch (field) {
      case "name":
        return this.name.trim().length < name_length_min ? people("required") : undefined;
      case "display_name":
        return this.display_name.trim() === "" ? people("required") : undefined;
      case "password":
        if (this.password === "") return people("required");
        return this.password.length < password_length_min ? people("password.short") : undefined;
    }
  }
}
