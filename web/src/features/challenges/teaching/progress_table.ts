// The table of a class's progress: which questions are its columns, and how many solved each.

import type { ClassProgress, QuestionBrief } from "../../../protocol/api.generated.js";

export type Member = ClassProgress["members"][number];

export interface QuestionColumn {
  readonly number: number;
  readonly title: string;
  readonly passed: number;
}

/** The questions of `schema`, or all of them, by number. */
export function columnsOf(
  questions: readonly QuestionBrief[],
  members: readonly Member[],
  schema: string,
): readonly QuestionColumn[] {
  return questions
    .filter((question) => schema === "" || question.schema === schema)
    .map(({ number, title }) => ({
      number,
      title,
      passed: members.filter((member) => member.questions[String(number)] === "passed").length,
    }));
}
