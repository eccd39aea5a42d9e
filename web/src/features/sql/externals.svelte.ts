// Externals: the databases that an administrator has registered, for a query to choose from.
//
// Made by Queries. Others register them and take them back meanwhile: whoever shows them asks again.

import type { Answer } from "../../lib/transport.js";
import type { ExternalDatabase, Target } from "./targets.js";

export interface ExternalSource {
  databases(): Answer<readonly ExternalDatabase[]>;
}

export class Externals {
  readonly #source: ExternalSource;
  #targets = $state.raw<readonly Target[]>([]);
  #asked = 0;

  constructor(source: ExternalSource) {
    this.#source = source;
  }

  get targets(): readonly Target[] {
    return this.#targets;
  }

  /** Asks the server. Without an answer those that were known stay. */
  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    const databases = await this.#source.databases();
    // Answers may overtake each other: the last question's is the newest.
    if (!databases.ok || asked !== this.#asked) return;
    this.#targets = databases.value.map(({ name, engine }) => ({ external: name, engine }));
  }
}
