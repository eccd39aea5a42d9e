import { describe, expect, it } from "vitest";

import type { Catalog, CatalogKey, CatalogTable } from "../../../protocol/sql.js";
import { schemaGraph, tables_max } from "./schema_graph.js";

const table = (name: string, columns: readonly string[], keys: readonly CatalogKey[] = [], schema = "public"): CatalogTable => ({
  schema,
  name,
  kind: "table",
  columns: columns.map((column) => ({ name: column, type: "integer", nullable: true, default: null, tag: false })),
  keys,
  indexes: [],
});
const catalog = (...tables: CatalogTable[]): Catalog => ({ database: "shop", databases: [], tables, functions: [], truncated: false });
const primary: CatalogKey = { kind: "primary", columns: ["id"] };
const toCustomers: CatalogKey = {
  kind: "foreign",
  columns: ["customer_id"],
  to_schema: "public",
  to_table: "customers",
  to_columns: ["id"],
};

describe("the picture of a schema", () => {
  it("has a line for each foreign key, and marks the columns of keys", () => {
    const graph = schemaGraph(catalog(table("customers", ["id", "name"], [primary]), table("orders", ["id", "customer_id"], [primary, toCustomers])));
    expect(graph.keys).toEqual([
      { from: "public.orders", to: "public.customers", title: "orders (customer_id) → customers (id)" },
    ]);
    expect(graph.tables[1]?.columns.map(({ primary: is_primary, foreign }) => [is_primary, foreign])).toEqual([[true, false], [false, true]]);
    expect(graph.layout.lines[0]?.length).toBeGreaterThan(1);
  });

  it("draws a key to its own table, and none to a table that is not there", () => {
    const own: CatalogKey = { kind: "foreign", columns: ["boss"], to_table: "staff", to_columns: ["id"] };
    const away: CatalogKey = { kind: "foreign", columns: ["x"], to_schema: "hidden", to_table: "secrets", to_columns: ["id"] };
    const graph = schemaGraph(catalog(table("staff", ["id", "boss", "x"], [own, away])));
    expect(graph.keys.map(({ to }) => to)).toEqual(["public.staff"]);
  });

  it("tells tables of the same name in two schemas apart", () => {
    const graph = schemaGraph(catalog(table("t", ["id"]), table("t", ["id"], [], "other")));
    expect(new Set(graph.layout.boxes.keys())).toEqual(new Set(["public.t", "other.t"]));
  });

  it("leaves out what nobody could find in the picture", () => {
    const wide = table("wide", Array.from({ length: 40 }, (_, at) => `c${at}`));
    const many = Array.from({ length: tables_max + 5 }, (_, at) => table(`t${at}`, ["id"]));
    const graph = schemaGraph(catalog(wide, ...many));
    expect([graph.left_out, graph.tables[0]?.columns.length, graph.tables[0]?.more]).toEqual([6, 16, 24]);
  });
});
