// QuestionFilter: which questions are listed, as it stands in the page's address.

import type { Difficulty } from "../../protocol/api.generated.js";

export interface QuestionFilter {
  readonly search: string;
  readonly difficulty: Difficulty | "";
  readonly category: string;
  readonly schema: string;
  readonly solved: "true" | "false" | "";
}

export const difficulties = ["easy", "medium", "hard"] as const satisfies readonly Difficulty[];
export const everything: QuestionFilter = { search: "", difficulty: "", category: "", schema: "", solved: "" };

/** The filter in `search` of an address, which may be anybody's. */
export function filterIn(search: string): QuestionFilter {
  const query = new URLSearchParams(search);
  const solved = query.get("solved");
  return {
    search: query.get("search") ?? "",
    difficulty: difficulties.find((each) => each === query.get("difficulty")) ?? "",
    category: query.get("category") ?? "",
    schema: query.get("schema") ?? "",
    solved: solved === "true" || solved === "false" ? solved : "",
  };
}

/** Those of `values` that say something, as a query. */
export function queryOf(values: Readonly<Record<string, string>>): string {
  const said = Object.entries(values).filter(([, value]) => value !== "");
  return said.length === 0 ? "" : `?${new URLSearchParams(said).toString()}`;
}

export const searchOf = (filter: QuestionFilter): string => queryOf({ ...filter, search: filter.search.trim() });

export const isEverything = (filter: QuestionFilter): boolean => searchOf(filter) === "";
