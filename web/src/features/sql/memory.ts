// What a machine's queries say, kept in localStorage so that it is there next time; and what was run
// and could not be saved on the server yet.
//
// Machines come and go, so only the last of them are kept. Without storage (private mode) or room
// the texts end with the page.

import type { SqlEngine } from "../../protocol/sql.js";
import { engines, readTarget, type Target } from "./targets.js";

export interface QueryMemory {
  readonly title: string;
  readonly text: string;
  readonly target: Target | undefined;
}

export interface HistoryEntry {
  readonly text: string;
  readonly engine: SqlEngine;
  /** As the page calls it, or nothing. */
  readonly database: string;
  readonly at_ms: number;
  readonly elapsed_ms: number;
  readonly failed: boolean;
}

export interface MachineMemory {
  readonly queries: readonly QueryMemory[];
  readonly active: number;
  readonly unsaved: readonly HistoryEntry[];
}

const unsaved_max = 100;
/** A longer text of a tab is cut. */
const text_letters_max = 400_000;
const machines_max = 8;
const prefix = "paddock.sql.";
const order_key = "paddock.sql";

const nothing: MachineMemory = { queries: [], active: 0, unsaved: [] };
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

function readQueries(value: unknown): QueryMemory[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).flatMap(({ title, text, target }) =>
    typeof title === "string" && typeof text === "string" ? [{ title, text, target: readTarget(target) }] : [],
  );
}

function readUnsaved(value: unknown): HistoryEntry[] {
  if (!Array.isArray(value)) return [];
  const entries = value.filter(isRecord).flatMap(({ text, engine, database, at_ms, elapsed_ms, failed }) => {
    const known = engines.find((each) => each === engine);
    if (known === undefined || typeof text !== "string" || typeof database !== "string") return [];
    if (typeof at_ms !== "number" || typeof elapsed_ms !== "number") return [];
    return [{ text, engine: known, database, at_ms, elapsed_ms, failed: failed === true }];
  });
  return entries.slice(0, unsaved_max);
}

export function recallMachine(sandbox_id: string): MachineMemory {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(prefix + sandbox_id) ?? "null");
    if (!isRecord(value)) return nothing;
    const { active } = value;
    return {
      queries: readQueries(value["queries"]),
      active: typeof active === "number" ? active : 0,
      unsaved: readUnsaved(value["unsaved"]),
    };
  } catch {
    return nothing;
  }
}

/** The machines whose texts are kept, the last first, with `sandbox_id` before the others. */
function keepOnly(sandbox_id: string): void {
  const stored: unknown = JSON.parse(localStorage.getItem(order_key) ?? "[]");
  const known = Array.isArray(stored) ? stored.filter((id) => typeof id === "string" && id !== sandbox_id) : [];
  const kept = [sandbox_id, ...(known as string[])];
  for (const id of kept.slice(machines_max)) localStorage.removeItem(prefix + id);
  localStorage.setItem(order_key, JSON.stringify(kept.slice(0, machines_max)));
}

export function rememberMachine(sandbox_id: string, memory: MachineMemory): void {
  const queries = memory.queries.map((query) => ({ ...query, text: query.text.slice(0, text_letters_max) }));
  try {
    keepOnly(sandbox_id);
    const unsaved = memory.unsaved.slice(0, unsaved_max);
    localStorage.setItem(prefix + sandbox_id, JSON.stringify({ ...memory, queries, unsaved }));
  } catch {
    // As above.
  }
}
