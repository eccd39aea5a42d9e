// Removal: asks before a machine is deleted, and says when that failed.

import type { Api, Failure } from "../lib/api.js";
import { t } from "../lib/i18n.svelte.js";
import { machineName } from "../lib/machine_name.js";
import type { Machines } from "../lib/machines.svelte.js";
import type { Sandbox } from "../protocol/api.generated.js";
import type { Question } from "../ui/question.js";

export class Removal {
  readonly #api: Api;
  readonly #machines: Machines;
  #question = $state.raw<Question | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);

  constructor(api: Api, machines: Machines) {
    this.#api = api;
    this.#machines = machines;
  }

  get question(): Question | undefined {
    return this.#question;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  close(): void {
    this.#question = undefined;
  }

  dismiss(): void {
    this.#failure = undefined;
  }

  ask(machine: Sandbox, done: () => void = () => undefined): void {
    this.#question = {
      title: t("machine.delete_title", { name: machineName(machine) }),
      text: t("machine.delete_text"),
      action: t("machine.delete"),
      danger: true,
      answered: () => void this.#remove(machine.id, done),
    };
  }

  async #remove(id: string, done: () => void): Promise<void> {
    const removed = await this.#api.destroySandbox(id);
    if (removed.ok || removed.error.code === "not_found") {
      this.#machines.remove(id);
      done();
    } else {
      this.#failure = removed.error;
    }
  }
}
