// Meters: what a machine uses of its limits, now and over the last two minutes.
//
// The server gives CPU time since the machine was made; its rate between two answers is the use.
// Nothing is asked while nobody looks.

import type { Api } from "../../lib/api.js";
import { poll } from "../../lib/poll.js";
import type { Stats } from "../../protocol/api.generated.js";

export const sample_interval_ms = 2000;
export const samples_max = 60;

export interface Meter {
  readonly used: number;
  readonly limit: number;
  /** Shares of the limit, 0 to 1, oldest first. */
  readonly history: readonly number[];
}

export interface Sample {
  readonly cpu_millis: number;
  readonly memory_bytes: number;
  readonly processes: number;
  readonly disk_bytes: number;
}

/** Thousandths of a core between two answers; undefined when no time has passed. */
export function cpuRate(before: Stats, after: Stats): number | undefined {
  const elapsed_ms = Date.parse(after.measured_at) - Date.parse(before.measured_at);
  if (elapsed_ms <= 0) return undefined;
  return Math.max(0, ((after.cpu_ms - before.cpu_ms) / elapsed_ms) * 1000);
}

export class Meters {
  readonly #api: Api;
  readonly #sandbox_id: string;
  #stats = $state.raw<Stats | undefined>(undefined);
  #samples = $state.raw<readonly Sample[]>([]);

  constructor(api: Api, sandbox_id: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
  }

  readonly cpu = $derived(this.#meter("cpu_millis", this.#stats?.cpu_limit_millis));
  readonly memory = $derived(this.#meter("memory_bytes", this.#stats?.memory_limit_bytes));
  readonly processes = $derived(this.#meter("processes", this.#stats?.pids_max));
  readonly disk = $derived(this.#meter("disk_bytes", this.#stats?.disk_limit_bytes));

  get expires_at(): string | undefined {
    return this.#stats?.expires_at;
  }

  follow(): () => void {
    return poll(() => this.#ask(), sample_interval_ms);
  }

  async #ask(): Promise<void> {
    const stats = await this.#api.stats(this.#sandbox_id);
    // A missed sample leaves the last one standing; the connection's own banner says what is wrong.
    if (stats.ok) this.#add(stats.value);
  }

  #add(stats: Stats): void {
    const before = this.#stats;
    const cpu_millis = before === undefined ? 0 : cpuRate(before, stats);
    if (cpu_millis === undefined) return;
    this.#stats = stats;
    const sample: Sample = {
      cpu_millis,
      memory_bytes: stats.memory_bytes,
      processes: stats.processes,
      disk_bytes: stats.disk_bytes,
    };
    this.#samples = [...this.#samples, sample].slice(-samples_max);
  }

  #meter(field: keyof Sample, limit = 0): Meter {
    const history = this.#samples.map((sample) => (limit > 0 ? Math.min(1, sample[field] / limit) : 0));
    return { used: this.#samples.at(-1)?.[field] ?? 0, limit, history };
  }
}
