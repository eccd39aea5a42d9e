// Attempt: one thing that the user wants done, while it runs and after it failed.
//
// Used by every form and button that asks the server. A server's message about a field begins with
// that field's name ("quota.sandboxes_max must …"), so that it can be shown beside it.

import type { Answer, Failure } from "./api.js";
import { problemIn } from "./problems.js";
import { settings } from "./settings.svelte.js";

/** The field of `fields` that `failure` is about. */
export function fieldOf<Field extends string>(failure: Failure, fields: readonly Field[]): Field | undefined {
  if (failure.code !== "invalid") return undefined;
  const named = failure.message.split(" ", 1)[0] ?? "";
  return fields.find((field) => named === field || named.endsWith(`.${field}`));
}

export class Attempt<Field extends string = never> {
  readonly #fields: readonly Field[];
  #busy = $state(false);
  #done = $state(false);
  #failure = $state.raw<Failure | undefined>(undefined);

  constructor(fields: readonly Field[] = []) {
    this.#fields = fields;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Whether the last one went well, until the next begins. */
  get done(): boolean {
    return this.#done;
  }

  /** What went wrong, unless it is about one of the fields. */
  get failure(): Failure | undefined {
    return this.#failure === undefined || fieldOf(this.#failure, this.#fields) !== undefined
      ? undefined
      : this.#failure;
  }

  /** What is wrong with `field`, in the page's language; beside the field it need not be named. */
  problem(field: Field): string | undefined {
    if (this.#failure === undefined || fieldOf(this.#failure, this.#fields) !== field) return undefined;
    const { message } = this.#failure;
    const said = problemIn(message.slice(message.indexOf(" ") + 1), settings.language);
    return said.charAt(0).toUpperCase() + said.slice(1);
  }

  dismiss(): void {
    this.#failure = undefined;
    this.#done = false;
  }

  /** Runs `ask` and returns what it answered; undefined while another one is running. */
  async run<T>(ask: () => Answer<T>): Promise<Awaited<Answer<T>> | undefined> {
    if (this.#busy) return undefined;
    this.#busy = true;
    this.dismiss();
    const answer = await ask();
    this.#busy = false;
    this.#done = answer.ok;
    this.#failure = answer.ok ? undefined : answer.error;
    return answer;
  }
}
