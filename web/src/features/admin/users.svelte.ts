// Users: the accounts that fit a search, a page at a time.
//
// An answer to an older search that comes late is dropped.

import type { Answer, Failure } from "../../lib/api.js";
import type { AccountRole } from "../../lib/roles.js";
import type { DirectoryPage, DirectoryUser } from "../../protocol/api.generated.js";
import type { AdminApi, UserQuery } from "./admin_api.js";

export class Users {
  readonly #api: Pick<AdminApi, "users">;
  #list = $state.raw<readonly DirectoryUser[] | undefined>(undefined);
  #next = $state.raw<string | null>(null);
  #failure = $state.raw<Failure | undefined>(undefined);
  #busy = $state(false);
  #query: UserQuery = { query: "", role: "" };
  #search = 0;

  constructor(api: Pick<AdminApi, "users">) {
    this.#api = api;
  }

  get list(): readonly DirectoryUser[] | undefined {
    return this.#list;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get more(): boolean {
    return this.#next !== null;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Begins anew with those who fit; what is shown stays until they are known. */
  async find(query: string, role: AccountRole | ""): Promise<void> {
    this.#query = { query, role };
    await this.#read("");
  }

  async readMore(): Promise<void> {
    if (this.#next !== null && !this.#busy) await this.#read(this.#next);
  }

  put(user: DirectoryUser): void {
    this.#list = this.#list?.map((other) => (other.id === user.id ? { ...other, ...user } : other));
  }

  remove(id: string): void {
    this.#list = this.#list?.filter((user) => user.id !== id);
  }

  async #read(after: string): Promise<void> {
    const search = ++this.#search;
    this.#busy = true;
    const page: Awaited<Answer<DirectoryPage>> = await this.#api.users(this.#query, after);
    if (search !== this.#search) return;
    this.#busy = false;
    this.#failure = page.ok ? undefined : page.error;
    if (!page.ok) return;
    this.#list = after === "" ? page.value.users : [...(this.#list ?? []), ...page.value.users];
    this.#next = page.value.next;
  }
}
