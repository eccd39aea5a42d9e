// Names as SQL: quoted where the database would read them otherwise.

import type { CatalogTable, SqlEngine } from "../../../protocol/sql.js";

/** The words that each of the databases reads as something else than a name, and that tables are called. */
const reserved = new Set(
  ("all analyse analyze and any array as asc between by case cast check collate column constraint create cross current_date " +
    "current_time current_timestamp default delete desc distinct do drop else end except exists false for foreign from full " +
    "grant group groups having in index inner insert intersect into is join key left like limit natural not null offset on " +
    "or order outer primary rank references right row rows select set some table then to true union unique update user using " +
    "values view when where window with").split(" "),
);

/** `name` as it can stand in a statement. */
export function quotedName(name: string, engine: SqlEngine): string {
  // PostgreSQL reads unquoted names in lower case; the others keep or ignore the case.
  const plain = engine === "postgres" || engine === "kwdb" ? /^[a-z_][a-z0-9_$]*$/ : /^[A-Za-z_][A-Za-z0-9_$]*$/;
  if (plain.test(name) && !reserved.has(name.toLowerCase())) return name;
  return engine === "mariadb" ? `\`${name.replaceAll("`", "``")}\`` : `"${name.replaceAll('"', '""')}"`;
}

/** The schema that need not be named. */
function isUsual(schema: string, engine: SqlEngine, database: string): boolean {
  if (schema === "") return true;
  return engine === "mariadb" ? schema === database : schema === "public" || schema === "main";
}

export function tableName(table: Pick<CatalogTable, "schema" | "name">, engine: SqlEngine, database: string): string {
  const name = quotedName(table.name, engine);
  return isUsual(table.schema, engine, database) ? name : `${quotedName(table.schema, engine)}.${name}`;
}

/** A statement that shows the rows of `table`. */
export function lookAt(table: CatalogTable, engine: SqlEngine, database: string): string {
  return `SELECT *\nFROM ${tableName(table, engine, database)}\nLIMIT 100;`;
}
