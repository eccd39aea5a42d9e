// Challenge: one question while somebody works on it: the query, what it gave, and what was said to it.
//
// One run at a time. The text is kept for the tab, so that a reload does not lose it.

import type { Failure } from "../../lib/api.js";
import { recallText, remember } from "../../lib/tab_memory.js";
import type { ChallengesApi } from "./challenges_api.js";
import type { Graded, QuestionDetail, RunOutcome } from "../../protocol/api.generated.js";

export type Work = "run" | "submit";

type Asked = Pick<ChallengesApi, "run" | "submit">;

const keyOf = (number: number): string => `paddock.question.${number}`;

/** What the editor says at first: what was written here last, was submitted last, or is given. */
export function firstText(question: Pick<QuestionDetail, "number" | "last_query" | "starter">): string {
  return recallText(keyOf(question.number)) ?? question.last_query ?? question.starter;
}

export class Challenge {
  readonly number: number;
  readonly #api: Asked;
  #busy = $state<Work | undefined>(undefined);
  #outcome = $state.raw<RunOutcome | undefined>(undefined);
  #submitted = $state.raw<Graded | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);
  #solved = $state(false);
  #submissions = $state(0);
  #answers = $state(0);

  constructor(api: Asked, question: Pick<QuestionDetail, "number" | "solved">) {
    this.#api = api;
    this.number = question.number;
    this.#solved = question.solved;
  }

  get busy(): Work | undefined {
    return this.#busy;
  }

  /** Of the last run, submitted or not. */
  get outcome(): RunOutcome | undefined {
    return this.#outcome;
  }

  /** The last submission, until the next run. */
  get submitted(): Graded | undefined {
    return this.#submitted;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get solved(): boolean {
    return this.#solved;
  }

  /** How many were submitted here: the list of attempts is older when it has changed. */
  get submissions(): number {
    return this.#submissions;
  }

  /** How many runs and submissions have ended here, well or not. */
  get answers(): number {
    return this.#answers;
  }

  keep(text: string): void {
    remember(keyOf(this.number), text);
  }

  dismiss(): void {
    this.#failure = undefined;
  }

  /** True when `query` was run. */
  async run(query: string): Promise<boolean> {
    if (!this.#begin("run")) return false;
    const answer = await this.#api.run(this.number, query);
    this.#busy = undefined;
    if (answer.ok) {
      this.#outcome = answer.value;
      this.#submitted = undefined;
    } else {
      this.#failure = answer.error;
    }
    this.#answers += 1;
    return answer.ok;
  }

  async submit(query: string): Promise<boolean> {
    if (!this.#begin("submit")) return false;
    const answer = await this.#api.submit(this.number, query);
    this.#busy = undefined;
    if (answer.ok) {
      this.#outcome = answer.value.outcome;
      this.#submitted = answer.value;
      this.#solved ||= answer.value.passed;
      this.#submissions += 1;
    } else {
      this.#failure = answer.error;
    }
    this.#answers += 1;
    return answer.ok;
  }

  #begin(work: Work): boolean {
    if (this.#busy !== undefined) return false;
    this.#busy = work;
    this.#failure = undefined;
    return true;
  }
}
