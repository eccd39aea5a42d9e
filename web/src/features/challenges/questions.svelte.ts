// Questions: those that fit a filter, a page at a time.
//
// An answer to an older filter that comes late is dropped.

import type { Failure } from "../../lib/api.js";
import type { ChallengesApi } from "./challenges_api.js";
import type { QuestionFilter } from "./question_filter.js";
import type { QuestionBrief } from "../../protocol/api.generated.js";

export class Questions {
  readonly #api: Pick<ChallengesApi, "questions">;
  #filter: QuestionFilter | undefined;
  #list = $state.raw<readonly QuestionBrief[] | undefined>(undefined);
  #categories = $state.raw<readonly string[]>([]);
  #next = $state.raw<string | null>(null);
  #failure = $state.raw<Failure | undefined>(undefined);
  #busy = $state(false);
  #search = 0;

  constructor(api: Pick<ChallengesApi, "questions">) {
    this.#api = api;
  }

  get list(): readonly QuestionBrief[] | undefined {
    return this.#list;
  }

  /** Those of all questions, whatever the filter. */
  get categories(): readonly string[] {
    return this.#categories;
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
  async find(filter: QuestionFilter): Promise<void> {
    this.#filter = filter;
    await this.#read("");
  }

  async readMore(): Promise<void> {
    if (this.#next !== null && !this.#busy) await this.#read(this.#next);
  }

  async #read(after: string): Promise<void> {
    if (this.#filter === undefined) return;
    const search = ++this.#search;
    this.#busy = true;
    const page = await this.#api.questions(this.#filter, after);
    if (search !== this.#search) return;
    this.#busy = false;
    this.#failure = page.ok ? undefined : page.error;
    if (!page.ok) return;
    this.#list = after === "" ? page.value.questions : [...(this.#list ?? []), ...page.value.questions];
    this.#categories = page.value.categories;
    this.#next = page.value.next;
  }
}
