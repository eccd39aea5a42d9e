// How often each rule failed an answer, the most frequent first.

import type { QuestionStatistics, VerdictRule } from "../../../protocol/api.generated.js";

const rules: readonly VerdictRule[] = [
  "no_result",
  "column_count",
  "column_names",
  "column_order",
  "row_count",
  "row_order",
  "rounding",
  "cells",
  "state",
  "error",
  "limit",
  "known_wrong",
  "hidden_dataset",
];

export interface RuleCount {
  readonly rule: VerdictRule;
  readonly count: number;
}

export function ruleCounts(counts: QuestionStatistics["rules"]): readonly RuleCount[] {
  return rules
    .map((rule) => ({ rule, count: counts[rule] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
}
