// Targets: the databases that a machine's queries can be sent to.

import { imageName } from "../../lib/format.js";
import type { SqlEngine, SqlTarget } from "../../protocol/sql.js";

export type Target =
  | { readonly engine: SqlEngine; readonly database?: string }
  | { readonly external: string; readonly engine: SqlEngine };

export interface ExternalDatabase {
  readonly name: string;
  readonly engine: SqlEngine;
}

export const engine_titles: Readonly<Record<SqlEngine, string>> = {
  postgres: "PostgreSQL",
  mariadb: "MariaDB",
  sqlite: "SQLite",
  kwdb: "KWDB",
};

export const engines: readonly SqlEngine[] = ["postgres", "mariadb", "sqlite", "kwdb"];
export const sqlite_file = "/root/playground.db";

/** What a machine of `image` has. Every machine can hold a SQLite file. */
export function targetsOf(image: string): readonly Target[] {
  const name = imageName(image).toLowerCase();
  const server = (["postgres", "mariadb", "kwdb"] as const).find((engine) => name.includes(engine));
  const file: Target = { engine: "sqlite", database: sqlite_file };
  return server === undefined ? [file] : [{ engine: server }, file];
}

/** Two targets with the same key are the same database. */
export const targetKey = (target: Target): string =>
  "external" in target ? `external:${target.external}` : `${target.engine}:${target.database ?? ""}`;

export function targetTitle(target: Target): string {
  if ("external" in target) return target.external;
  const title = engine_titles[target.engine];
  return target.database === undefined ? title : `${title} · ${target.database}`;
}

export function openOf(target: Target, sandbox: string): SqlTarget {
  if ("external" in target) return { external: target.external };
  const { engine, database } = target;
  return database === undefined ? { sandbox, engine } : { sandbox, engine, database };
}

/** The target that was stored as `value`, if it is one. */
export function readTarget(value: unknown): Target | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { engine, database, external } = value as Readonly<Record<string, unknown>>;
  const known = engines.find((each) => each === engine);
  if (known === undefined) return undefined;
  if (typeof external === "string") return { external, engine: known };
  return typeof database === "string" ? { engine: known, database } : { engine: known };
}
