// From the database's kind to how the editor reads its SQL.

import { MariaSQL, PostgreSQL, SQLite, type SQLDialect } from "@codemirror/lang-sql";

import type { SqlEngine } from "../../../protocol/sql.js";

export const dialects: Readonly<Record<SqlEngine, SQLDialect>> = {
  postgres: PostgreSQL,
  kwdb: PostgreSQL,
  mariadb: MariaSQL,
  sqlite: SQLite,
};
