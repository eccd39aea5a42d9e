// What a table's keys say of its columns, and how to ask for some of its rows.

import type { ChallengeEngine, SchemaTable } from "../../protocol/api.generated.js";

export interface TableKeys {
  readonly primary: readonly string[];
  /** From a column to the table that it refers to. */
  readonly references: ReadonlyMap<string, string>;
}

export function keysOf(table: SchemaTable): TableKeys {
  const references = new Map<string, string>();
  for (const key of table.keys) {
    if (key.to_table === null) continue;
    for (const column of key.columns) references.set(column, key.to_table);
  }
  const primary = table.keys.filter(({ kind }) => kind === "primary").flatMap(({ columns }) => columns);
  return { primary, references };
}

const sample_rows = 5;

/** A query for the first rows of `table`. */
export function sampleQuery(engine: ChallengeEngine, table: string): string {
  const quote = engine === "mariadb" ? "`" : '"';
  return `SELECT * FROM ${quote}${table.replaceAll(quote, quote + quote)}${quote} LIMIT ${sample_rows}`;
}
