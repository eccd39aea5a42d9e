// From a question's schema to the catalog that the workbench draws.

import type { SchemaDetail } from "../protocol/api.generated.js";
import type { Catalog, CatalogKey } from "../protocol/sql.js";

function keyOf({ kind, columns, to_table, to_columns }: SchemaDetail["tables"][number]["keys"][number]): CatalogKey {
  return to_table === null ? { kind, columns } : { kind, columns, to_schema: "", to_table, to_columns };
}

/** What a question says of its tables; whether a column may be empty it does not say. */
export function catalogOf(schema: SchemaDetail): Catalog {
  const tables = schema.tables.map(({ name, columns, keys }) => ({
    schema: "",
    name,
    kind: "table",
    columns: columns.map((column) => ({ ...column, nullable: true, default: null, tag: false })),
    keys: keys.map(keyOf),
    indexes: [],
  }));
  return { database: schema.title, databases: [], tables, functions: [], truncated: false };
}
