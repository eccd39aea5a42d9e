// The scopes that a token may have, and who has a use for them.

import type { Role, Scope } from "../../protocol/api.generated.js";

export const scopes = [
  "write:resource",
  "challenge",
  "read:schema",
  "read:question",
  "read:solution",
  "manage:class",
  "manage:server",
] as const satisfies readonly Scope[];

/** What somebody of `role` can give to a token: nobody can give what they have no right to. */
export function scopesOf(role: Role): readonly Scope[] {
  return scopes.filter((scope) => {
    if (scope === "manage:server") return role === "admin";
    return scope !== "manage:class" || role === "teacher" || role === "admin";
  });
}
