// What the pages of signing in say about a failure, where they know more than its code.

import type { Failure } from "../../lib/api.js";
import { say, type SignInWord } from "../../lib/words/sign_in.js";

const by_code: ReadonlyMap<string, SignInWord> = new Map([
  ["denied", "problem.denied"],
  ["unavailable", "problem.unavailable"],
  ["misconfigured", "problem.misconfigured"],
] as const);

/** For the code in the address with which the provider's answer led back. */
export function providerProblem(code: string): string {
  const key = by_code.get(code);
  // The address may be anybody's: what it says is shown only as far as it looks like a code.
  return key === undefined ? say("problem.other", { code: /^[a-z_]{1,40}$/.test(code) ? code : "?" }) : say(key);
}

/** When the server wants no more tries for a while; undefined for every other failure. */
export function limitProblem(failure: Failure): string | undefined {
  const count = failure.retry_after_s;
  return failure.code === "exhausted" && count !== undefined ? say("limited", { count }) : undefined;
}
