// QuotaDraft: a quota while it is typed, in the units that people use.

import type { Quota } from "../protocol/api.generated.js";
import { hoursOf, joinSize, parseAmount, secondsOf, splitSize, type SizeUnit } from "./amounts.js";

const count_pattern = /^\d{1,4}$/;

export class QuotaDraft {
  sandboxes = $state("");
  memory = $state("");
  memory_unit = $state<SizeUnit>("MiB");
  hours = $state("");

  constructor(quota: Quota) {
    const { sandboxes_max = null, memory_max_bytes = null, lifetime_max_s = null } = quota;
    const size = memory_max_bytes === null ? undefined : splitSize(memory_max_bytes);
    this.sandboxes = sandboxes_max === null ? "" : String(sandboxes_max);
    this.memory = size?.amount ?? "";
    this.memory_unit = size?.unit ?? "GiB";
    this.hours = lifetime_max_s === null ? "" : hoursOf(lifetime_max_s);
  }

  get sandboxes_wrong(): boolean {
    return this.sandboxes.trim() !== "" && !count_pattern.test(this.sandboxes.trim());
  }

  get memory_wrong(): boolean {
    return this.memory.trim() !== "" && parseAmount(this.memory) === undefined;
  }

  get hours_wrong(): boolean {
    return this.hours.trim() !== "" && parseAmount(this.hours) === undefined;
  }

  /** What was typed; undefined while something of it is wrong. */
  get quota(): Quota | undefined {
    if (this.sandboxes_wrong || this.memory_wrong || this.hours_wrong) return undefined;
    const memory = parseAmount(this.memory);
    const hours = parseAmount(this.hours);
    return {
      sandboxes_max: this.sandboxes.trim() === "" ? null : Number(this.sandboxes),
      memory_max_bytes: memory === undefined ? null : joinSize(memory, this.memory_unit),
      lifetime_max_s: hours === undefined ? null : secondsOf(hours),
    };
  }
}
