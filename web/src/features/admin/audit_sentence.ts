// From an entry of the audit log to a sentence, split where names stand, so that those can be
// pressed.

import { say, audit_actions, type AuditWord } from "../../lib/words/audit.js";

/** The page is older than its server, perhaps: not every action has words here. */
const known: ReadonlySet<string> = new Set(audit_actions);
const mark = "\u0001";

/** What was done, before and after the name of whom or what it was done to, if that is said. */
export interface Deed {
  readonly before: string;
  readonly after: string;
  readonly names_subject: boolean;
}

export function deedOf(entry: { readonly action: string }): Deed {
  const word = known.has(entry.action) ? (entry.action as AuditWord) : "other";
  const text = say(word, { subject: mark, action: entry.action });
  const at = text.indexOf(mark);
  if (at < 0) return { before: text, after: "", names_subject: false };
  return { before: text.slice(0, at), after: text.slice(at + mark.length), names_subject: true };
}

const depth_max = 3;

function valueText(value: unknown, depth: number): string {
  if (value === null) return "–";
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (depth >= depth_max || typeof value !== "object") return "…";
  if (Array.isArray(value)) return value.map((each) => valueText(each, depth + 1)).join(", ");
  return detailText(value as Readonly<Record<string, unknown>>, depth + 1);
}

/** {"role":"teacher"} -> "role: teacher". */
export function detailText(detail: Readonly<Record<string, unknown>>, depth = 0): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${valueText(value, depth)}`)
    .join(" · ");
}
