// From a failed request to what the page says: what happened, and what to do about it.

import type { Failure } from "./api.js";
import type { MessageKey } from "./messages.js";

export interface Advice {
  readonly what: MessageKey;
  readonly todo: MessageKey;
}

const kinds = {
  unreachable: "unreachable",
  unavailable: "unavailable",
  deadline_exceeded: "unavailable",
  request_timeout: "unavailable",
  cancelled: "unavailable",
  exhausted: "exhausted",
  disk_full: "disk_full",
  not_found: "not_found",
  conflict: "conflict",
  too_large: "too_large",
  headers_too_large: "too_large",
  denied: "denied",
  unauthenticated: "denied",
  invalid: "invalid",
  method_not_allowed: "invalid",
  unsupported_media_type: "invalid",
  upgrade_required: "invalid",
  range_not_satisfiable: "invalid",
  not_implemented: "internal",
  internal: "internal",
} as const satisfies Readonly<Record<Failure["code"], string>>;

type Kind = (typeof kinds)[Failure["code"]];
/** A server newer than this page, or a proxy, may name what nobody here has heard of. */
const by_code: ReadonlyMap<string, Kind> = new Map(Object.entries(kinds));

/** The two sentences for `failure`. The server's own message is shown with them, as a detail. */
export function advise(failure: Failure): Advice {
  const kind = by_code.get(failure.code) ?? "internal";
  return { what: `error.${kind}`, todo: `error.${kind}.todo` };
}
