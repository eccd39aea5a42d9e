// Finding members by what somebody remembers of their names.

import type { Member } from "../../protocol/api.generated.js";

const folded = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Those whose names hold every word of `query`, whatever its case and accents. */
export function matching(members: readonly Member[], query: string): readonly Member[] {
  const wanted = folded(query).split(/\s+/).filter(Boolean);
  return members.filter((member) => {
    const names = folded(`${member.display_name} ${member.name ?? ""}`);
    return wanted.every((word) => names.includes(word));
  });
}
