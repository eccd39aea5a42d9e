// What can be typed next: the database's own answer, or the catalog's names while there is none.

import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import { keywordCompletionSource, schemaCompletionSource, type SQLDialect } from "@codemirror/lang-sql";

import type { Catalog, CompletionItem, CompletionKind } from "../../../protocol/sql.js";
import type { SqlResult } from "../../../protocol/sql_connection.js";
import { byteOffset, unitOffset } from "./offsets.js";
import { statementBeingTyped } from "./statements.js";

export type Complete = (text: string, position: number) => Promise<SqlResult<{ from: number; items: readonly CompletionItem[] }>>;

/** What a query can say of its database at the moment. */
export interface CompletionPlace {
  readonly dialect: SQLDialect;
  readonly catalog: Catalog | undefined;
  /** Undefined while there is no session to ask. */
  readonly complete: Complete | undefined;
}

const types: Readonly<Record<CompletionKind, string>> = {
  keyword: "keyword",
  table: "class",
  column: "property",
  function: "function",
  schema: "namespace",
  database: "namespace",
};
const boost_max = 99;

/** The database's order is kept where names fit equally well. */
function option(item: CompletionItem, at: number): Completion {
  const made: Completion = { label: item.label, type: types[item.kind], boost: Math.max(-boost_max, boost_max - at) };
  return item.detail === undefined ? made : { ...made, detail: item.detail };
}

async function askDatabase(context: CompletionContext, complete: Complete): Promise<CompletionResult | undefined> {
  const { state, pos } = context;
  const { from, to } = statementBeingTyped(state, pos);
  const text = state.sliceDoc(from, to);
  const answer = await complete(text, byteOffset(text, pos - from));
  if (!answer.ok) return undefined;
  const begin = from + unitOffset(text, answer.value.from);
  const typed = state.sliceDoc(begin, pos);
  const items = answer.value.items.filter(({ label }) => label !== typed);
  return {
    from: begin,
    options: items.map(option),
    validFor: /^[\p{L}\p{N}_$]*$/u,
  };
}

function namesOf(catalog: Catalog): Record<string, string[]> {
  const names: Record<string, string[]> = {};
  for (const table of catalog.tables) names[table.name] = table.columns.map(({ name }) => name);
  return names;
}

async function askCatalog(context: CompletionContext, place: CompletionPlace): Promise<CompletionResult | null> {
  const { dialect, catalog } = place;
  if (catalog !== undefined) {
    const names = await schemaCompletionSource({ dialect, schema: namesOf(catalog) })(context);
    if (names !== null && names.options.length > 0) return names;
  }
  return keywordCompletionSource(dialect)(context);
}

/** A source that asks `place` at every key what there is. */
export function completionSource(place: () => CompletionPlace): CompletionSource {
  return async (context) => {
    const wanted = context.explicit || context.matchBefore(/[\p{L}\p{N}_$.]$/u) !== null;
    if (!wanted) return null;
    const current = place();
    const answer = current.complete === undefined ? undefined : await askDatabase(context, current.complete);
    // Meanwhile the user may have gone on elsewhere.
    if (context.view?.hasFocus === false) return null;
    return answer ?? askCatalog(context, current);
  };
}
