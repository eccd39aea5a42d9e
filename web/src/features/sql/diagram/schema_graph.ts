// SchemaGraph: tables as boxes with their columns, and foreign keys as the lines between them.

import type { Catalog, CatalogKey, CatalogTable } from "../../../protocol/sql.js";
import { layOut, type Layout } from "../layout.js";
import { letterWidth } from "../letters.js";

export interface DrawnColumn {
  readonly name: string;
  readonly type: string;
  readonly primary: boolean;
  readonly foreign: boolean;
}

export interface DrawnTable {
  readonly id: string;
  readonly table: CatalogTable;
  readonly columns: readonly DrawnColumn[];
  /** Columns that there was no room for. */
  readonly more: number;
  readonly width: number;
  readonly height: number;
}

export interface DrawnKey {
  readonly from: string;
  readonly to: string;
  /** "orders (customer_id) → customers (id)". */
  readonly title: string;
}

export interface SchemaGraph {
  readonly tables: readonly DrawnTable[];
  readonly keys: readonly DrawnKey[];
  readonly layout: Layout;
  /** Tables that there was no room for. */
  readonly left_out: number;
}

export const head_px = 34;
export const line_px = 22;
export const tables_max = 120;
const columns_max = 16;
const letter_px = 7.3;
const width_min = 150;
const width_max = 320;
const foot_px = 6;

const tableId = (schema: string, name: string): string => `${schema}.${name}`;

function drawnTable(table: CatalogTable): DrawnTable {
  const columnsOf = (kind: CatalogKey["kind"]): Set<string> =>
    new Set(table.keys.filter((key) => key.kind === kind).flatMap(({ columns }) => columns));
  const primary = columnsOf("primary");
  const foreign = columnsOf("foreign");
  const columns = table.columns.slice(0, columns_max).map(({ name, type }) => ({
    name,
    type,
    primary: primary.has(name),
    foreign: foreign.has(name),
  }));
  const more = table.columns.length - columns.length;
  const longest = Math.max(
    letterWidth(table.name) + 4,
    ...columns.map(({ name, type }) => letterWidth(name) + Math.min(letterWidth(type), 16) + 6),
  );
  return {
    id: tableId(table.schema, table.name),
    table,
    columns,
    more,
    width: Math.round(Math.min(Math.max(longest * letter_px + 24, width_min), width_max)),
    height: head_px + (columns.length + (more > 0 ? 1 : 0)) * line_px + foot_px,
  };
}

function drawnKey(table: CatalogTable, key: CatalogKey): DrawnKey {
  const to_table = key.to_table ?? "";
  return {
    from: tableId(table.schema, table.name),
    to: tableId(key.to_schema ?? table.schema, to_table),
    title: `${table.name} (${key.columns.join(", ")}) → ${to_table} (${(key.to_columns ?? []).join(", ")})`,
  };
}

export function schemaGraph(catalog: Catalog): SchemaGraph {
  const tables = catalog.tables.slice(0, tables_max).map(drawnTable);
  const ids = new Set(tables.map(({ id }) => id));
  const keys = tables
    .flatMap(({ table }) => table.keys.filter(({ kind }) => kind === "foreign").map((key) => drawnKey(table, key)))
    .filter(({ to }) => ids.has(to));
  const layout = layOut(tables, keys, { direction: "LR", between_layers: 80, between_boxes: 32 });
  return { tables, keys, layout, left_out: catalog.tables.length - tables.length };
}
