// The messages of paddock.sql.v1, docs/protocol/sql.md: their types, and a parser that trusts nobody.
//
// Used by SqlConnection and, for their types, by features/sql. Positions are bytes of UTF-8.

import { count, fields, list, maybe, nullable, number, oneOf, pair, text, truth, type Check } from "./json_check.js";

export const sql_subprotocol = "paddock.sql.v1";
/** What the server takes of a text, in bytes of UTF-8. */
export const text_bytes_max = 1 << 20;
/** Rows that one window may hold. */
export const window_rows_max = 1_000;
/** Columns that a result may be sorted by, or filtered by, at a time. */
export const order_keys_max = 8;

export type SqlEngine = "postgres" | "mariadb" | "sqlite" | "kwdb";
export type TransactionState = "none" | "open" | "failed";
export type ColumnKind = "integer" | "real" | "decimal" | "text" | "bytes" | "boolean" | "time" | "other";
export type CellValue = string | null;
export type Row = readonly CellValue[];

export interface SqlColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: ColumnKind;
}

export type SqlTarget =
  | { readonly sandbox: string; readonly engine: SqlEngine; readonly database?: string }
  | { readonly external: string };

export interface Sort {
  readonly column: number;
  readonly descending: boolean;
}

export interface Filter {
  readonly column: number;
  readonly contains: string;
}

/** How a stored result is looked at. */
export interface Order {
  readonly sort: readonly Sort[];
  readonly filter: readonly Filter[];
}

export type SqlClientMessage =
  | ({ readonly type: "open"; readonly id: number } & SqlTarget)
  | { readonly type: "execute"; readonly id: number; readonly text: string; readonly store: true; readonly stop_on_error: boolean }
  | { readonly type: "cancel" }
  | ({ readonly type: "view"; readonly id: number; readonly result: number; readonly offset: number; readonly limit: number } & Order)
  | ({ readonly type: "export"; readonly id: number; readonly result: number; readonly format: "csv" | "json" } & Order)
  | { readonly type: "drop"; readonly result: number }
  | { readonly type: "describe"; readonly id: number }
  | { readonly type: "complete"; readonly id: number; readonly text: string; readonly position: number }
  | { readonly type: "explain"; readonly id: number; readonly text: string; readonly analyze: boolean }
  | { readonly type: "close" };

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly tag: boolean;
}

export interface CatalogKey {
  readonly kind: "primary" | "unique" | "foreign";
  readonly columns: readonly string[];
  readonly to_schema?: string;
  readonly to_table?: string;
  readonly to_columns?: readonly string[];
}

export interface CatalogTable {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly CatalogColumn[];
  readonly keys: readonly CatalogKey[];
  readonly indexes: readonly string[];
}

export interface Catalog {
  readonly database: string;
  readonly databases: readonly string[];
  readonly tables: readonly CatalogTable[];
  readonly functions: readonly string[];
  readonly truncated: boolean;
}

export interface PlanNode {
  readonly operation: string;
  readonly object: string;
  readonly cost: number | null;
  readonly rows: number | null;
  readonly actual_rows: number | null;
  readonly actual_ms: number | null;
  readonly loops: number | null;
  readonly details: readonly (readonly [string, string])[];
  readonly children: readonly PlanNode[];
}

export interface Plan {
  readonly analyzed: boolean;
  readonly planning_ms: number | null;
  readonly execution_ms: number | null;
  readonly text: string;
  readonly root: PlanNode;
}

export type CompletionKind = "keyword" | "table" | "column" | "function" | "schema" | "database";

export interface CompletionItem {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
}

export interface StatementFailure {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: number;
}

export interface Opened {
  readonly engine: SqlEngine;
  readonly version: string;
  readonly database: string;
  readonly user: string;
  readonly transaction: TransactionState;
  readonly read_only: boolean;
}

export interface Completed {
  readonly result: number | null;
  readonly tag: string;
  readonly rows: number | null;
  readonly affected: number | null;
  readonly truncated: false | "rows" | "bytes" | "time";
  readonly elapsed_us: number;
}

export interface Window {
  readonly result: number;
  readonly offset: number;
  readonly rows: readonly Row[];
  readonly total: number;
  readonly complete: boolean;
}

export interface Done {
  readonly transaction: TransactionState;
  readonly cancelled: boolean;
  readonly truncated: false | "time" | "statements";
}

export type SqlClosedReason =
  | "runner_restarted"
  | "database_gone"
  | "sandbox_stopped"
  | "idle"
  | "limit"
  | "open_failed"
  | "database_removed"
  | "database_changed";

export type SqlServerMessage =
  | ({ readonly type: "opened"; readonly id: number } & Opened)
  | { readonly type: "statement"; readonly id: number; readonly index: number; readonly begin: number; readonly end: number }
  | { readonly type: "columns"; readonly id: number; readonly result: number | null; readonly columns: readonly SqlColumn[] }
  | { readonly type: "progress"; readonly id: number; readonly result: number; readonly rows: number }
  | ({ readonly type: "complete"; readonly id: number } & Completed)
  | { readonly type: "notice"; readonly id: number; readonly severity: string; readonly code: string; readonly message: string }
  | ({ readonly type: "error"; readonly id: number } & StatementFailure)
  | ({ readonly type: "done"; readonly id: number } & Done)
  | ({ readonly type: "window"; readonly id: number } & Window)
  | { readonly type: "chunk"; readonly id: number; readonly text: string }
  | { readonly type: "catalog"; readonly id: number; readonly catalog: Catalog }
  | { readonly type: "completions"; readonly id: number; readonly from: number; readonly items: readonly CompletionItem[] }
  | { readonly type: "plan"; readonly id: number; readonly plan: Plan }
  | { readonly type: "failed"; readonly id: number | null; readonly code: string; readonly message: string }
  | { readonly type: "closed"; readonly reason: SqlClosedReason; readonly message: string };

/** The server's own limits, with room: more is nothing that it would send. */
const columns_max = 4_096;
const tables_max = 4_000;
const catalog_columns_max = 40_000;
const plan_depth_max = 200;
const plan_children_max = 2_000;
const items_max = 2_000;
const names_max = 20_000;

const transaction = oneOf("none", "open", "failed");
const kind = oneOf("integer", "real", "decimal", "text", "bytes", "boolean", "time", "other");
const engine = oneOf("postgres", "mariadb", "sqlite", "kwdb");
const names = list(text, names_max);

const table = fields({
  schema: text,
  name: text,
  kind: text,
  columns: list(fields({ name: text, type: text, nullable: truth, default: nullable(text), tag: truth }), catalog_columns_max),
  keys: list(
    fields({
      kind: oneOf("primary", "unique", "foreign"),
      columns: names,
      to_schema: maybe(text),
      to_table: maybe(text),
      to_columns: maybe(names),
    }),
    columns_max,
  ),
  indexes: names,
});

function planNode(depth: number): Check {
  return (value) =>
    depth <= plan_depth_max &&
    fields({
      operation: text,
      object: text,
      cost: nullable(number),
      rows: nullable(number),
      actual_rows: nullable(number),
      actual_ms: nullable(number),
      loops: nullable(number),
      details: list(pair(text, text), names_max),
      children: list(planNode(depth + 1), plan_children_max),
    })(value);
}

const shapes: Readonly<Record<SqlServerMessage["type"], Check>> = {
  opened: fields({ id: count, engine, version: text, database: text, user: text, transaction, read_only: truth }),
  statement: fields({ id: count, index: count, begin: count, end: count }),
  columns: fields({ id: count, result: nullable(count), columns: list(fields({ name: text, type: text, kind }), columns_max) }),
  progress: fields({ id: count, result: count, rows: count }),
  complete: fields({
    id: count,
    result: nullable(count),
    tag: text,
    rows: nullable(count),
    affected: nullable(count),
    truncated: oneOf(false, "rows", "bytes", "time"),
    elapsed_us: number,
  }),
  notice: fields({ id: count, severity: text, code: text, message: text }),
  error: fields({
    id: count,
    index: count,
    code: text,
    message: text,
    detail: maybe(text),
    hint: maybe(text),
    position: maybe(count),
  }),
  done: fields({ id: count, transaction, cancelled: truth, truncated: oneOf(false, "time", "statements") }),
  window: fields({
    id: count,
    result: count,
    offset: count,
    rows: list(list(nullable(text), columns_max), window_rows_max),
    total: count,
    complete: truth,
  }),
  chunk: fields({ id: count, text }),
  catalog: fields({
    id: count,
    catalog: fields({
      database: text,
      databases: names,
      tables: list(table, tables_max),
      functions: names,
      truncated: truth,
    }),
  }),
  completions: fields({
    id: count,
    from: count,
    items: list(
      fields({ label: text, kind: oneOf("keyword", "table", "column", "function", "schema", "database"), detail: maybe(text) }),
      items_max,
    ),
  }),
  plan: fields({
    id: count,
    plan: fields({
      analyzed: truth,
      planning_ms: nullable(number),
      execution_ms: nullable(number),
      text,
      root: planNode(0),
    }),
  }),
  failed: fields({ id: nullable(count), code: text, message: text }),
  closed: fields({
    reason: oneOf(
      "runner_restarted",
      "database_gone",
      "sandbox_stopped",
      "idle",
      "limit",
      "open_failed",
      "database_removed",
      "database_changed",
    ),
    message: text,
  }),
};

/** The message in `data`, or undefined when it is none of this protocol. */
export function parseSqlMessage(data: string): SqlServerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") return undefined;
  if (!Object.hasOwn(shapes, value.type)) return undefined;
  const type = value.type as SqlServerMessage["type"];
  return shapes[type](value) ? (value as SqlServerMessage) : undefined;
}
