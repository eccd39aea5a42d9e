// failureText(): what a request that was not done means for the user.

import { say, type SqlWord } from "../../lib/words/sql.js";
import type { SqlFailure } from "../../protocol/sql_connection.js";

const own: ReadonlyMap<string, SqlWord> = new Map([
  ["lost", "failure.lost"],
  ["busy", "failure.busy"],
  ["too_large", "failure.too_large"],
]);

/** The server's own words where it has any: they say what happened and what to do. */
export function failureText({ code, message }: SqlFailure): string {
  const word = own.get(code);
  if (word !== undefined) return message === "" ? say(word) : `${say(word)} ${message}`;
  return message === "" ? say("failure.other") : message;
}

/** The same, when what failed is a look at a stored result. */
export function resultFailureText(failure: SqlFailure): string {
  if (failure.code === "lost") return say("failure.lost_result");
  return failure.code === "not_found" ? say("failure.not_found") : failureText(failure);
}
