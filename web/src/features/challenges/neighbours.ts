// Neighbours: the questions before and after one, among those that the list was filtered to.

import { succeed } from "../../lib/result.js";
import type { Answer } from "../../lib/transport.js";
import type { ChallengesApi } from "./challenges_api.js";
import type { QuestionFilter } from "./question_filter.js";

export interface Neighbours {
  readonly previous: number | undefined;
  readonly next: number | undefined;
}

const page_size = 200;
/** More than any bank holds. */
const pages_max = 25;

/** Those around `number`, which may itself have left the list by being solved. */
export function neighboursOf(numbers: readonly number[], number: number): Neighbours {
  return { previous: numbers.findLast((each) => each < number), next: numbers.find((each) => each > number) };
}

/** Reads the list, in the order of its numbers, as far as the question after `number`. */
export async function findNeighbours(
  api: Pick<ChallengesApi, "questions">,
  filter: QuestionFilter,
  number: number,
): Answer<Neighbours> {
  const numbers: number[] = [];
  let after = "";
  for (let page = 0; page < pages_max; ++page) {
    const list = await api.questions(filter, after, page_size);
    if (!list.ok) return list;
    numbers.push(...list.value.questions.map((question) => question.number));
    if (list.value.next === null || numbers.some((each) => each > number)) break;
    after = list.value.next;
  }
  return succeed(neighboursOf(numbers, number));
}
