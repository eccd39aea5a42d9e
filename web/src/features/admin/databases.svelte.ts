// Databases: those outside that are registered, and what trying each of them has shown.

import type { Failure } from "../../lib/api.js";
import type { Database, DatabaseTest } from "../../protocol/api.generated.js";
import type { AdminApi } from "./admin_api.js";

export type Trial = "busy" | DatabaseTest;

export class Databases {
  readonly #api: Pick<AdminApi, "databases" | "testDatabase" | "removeDatabase">;
  #list = $state.raw<readonly Database[] | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);
  #trials = $state.raw<Readonly<Record<string, Trial>>>({});

  constructor(api: Pick<AdminApi, "databases" | "testDatabase" | "removeDatabase">) {
    this.#api = api;
  }

  /** By name; undefined until they are known. */
  get list(): readonly Database[] | undefined {
    return this.#list;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  trial(name: string): Trial | undefined {
    return this.#trials[name];
  }

  dismiss(): void {
    this.#failure = undefined;
  }

  async load(): Promise<void> {
    const answer = await this.#api.databases();
    this.#failure = answer.ok ? undefined : answer.error;
    if (answer.ok) this.#list = answer.value;
  }

  /** Takes up one that was registered or changed; what trying it showed before says nothing any more. */
  put(database: Database): void {
    const others = (this.#list ?? []).filter(({ name }) => name !== database.name);
    this.#list = [...others, database].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#setTrial(database.name, undefined);
  }

  async test(name: string): Promise<void> {
    this.#setTrial(name, "busy");
    const answer = await this.#api.testDatabase(name);
    this.#failure = answer.ok ? undefined : answer.error;
    this.#setTrial(name, answer.ok ? answer.value : undefined);
  }

  async remove(name: string): Promise<void> {
    const answer = await this.#api.removeDatabase(name);
    // Somebody else was faster: it is gone all the same.
    const gone = answer.ok || answer.error.code === "not_found";
    this.#failure = answer.ok || gone ? undefined : answer.error;
    if (gone) this.#list = this.#list?.filter((each) => each.name !== name);
  }

  #setTrial(name: string, trial: Trial | undefined): void {
    const others = Object.entries(this.#trials).filter(([each]) => each !== name);
    this.#trials = Object.fromEntries(trial === undefined ? others : [...others, [name, trial]]);
  }
}
