// ChallengesApi: questions and their schemas, runs and submissions, progress and the leaderboard.
//
// What is text comes in the language of the page.

import { succeed } from "../../lib/result.js";
import { settings } from "../../lib/settings.svelte.js";
import type { Answer, Transport } from "../../lib/transport.js";
import { everything, queryOf, type QuestionFilter } from "./question_filter.js";
import type {
  Graded,
  Hint,
  Leaderboard,
  Progress,
  QuestionBrief,
  QuestionDetail,
  QuestionPage,
  ResultTable,
  RunOutcome,
  SchemaBrief,
  SchemaDetail,
  SchemaList,
  Solution,
  SubmissionPage,
} from "../../protocol/api.generated.js";

const base = "/api/v1/questions";
/** A run may take as long as the server lets it, and wait for its turn. */
const run_timeout_ms = 60_000;

export interface BoardQuery {
  readonly by: "points" | "solved";
  readonly period: "all" | "week" | "day";
  /** The id of a class, or nothing for everybody. */
  readonly class: string;
}

const page_size_max = 200;
/** More than any bank holds. */
const pages_max = 25;

export class ChallengesApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  questions(filter: QuestionFilter, after: string, limit = 50): Answer<QuestionPage> {
    const values = { ...filter, search: filter.search.trim(), after, limit: String(limit) };
    return this.#get(base, { ...values, ...this.#language });
  }

  question(number: number): Answer<QuestionDetail> {
    return this.#get(`${base}/${number}`, this.#language);
  }

  async schemas(): Answer<readonly SchemaBrief[]> {
    const list = await this.#get<SchemaList>("/api/v1/schemas", this.#language);
    return list.ok ? succeed(list.value.schemas) : list;
  }

  schema(id: string): Answer<SchemaDetail> {
    return this.#get(`/api/v1/schemas/${id}`, this.#language);
  }

  /** Opens a hint; the first is 1. */
  hint(number: number, hint: number): Answer<Hint> {
    return this.#get(`${base}/${number}/hints/${hint}`, this.#language);
  }

  solution(number: number): Answer<Solution> {
    return this.#get(`${base}/${number}/solution`, this.#language);
  }

  giveUp(number: number): Answer<undefined> {
    return this.#transport.none({ method: "POST", path: `${base}/${number}/give-up` });
  }

  expected(number: number): Answer<ResultTable> {
    return this.#get(`${base}/${number}/expected`);
  }

  run(number: number, query: string): Answer<RunOutcome> {
    return this.#post(`${base}/${number}/run`, { query });
  }

  submit(number: number, query: string): Answer<Graded> {
    return this.#post(`${base}/${number}/submit${queryOf(this.#language)}`, { query });
  }

  submissions(number: number, after: string): Answer<SubmissionPage> {
    return this.#get(`${base}/${number}/submissions`, { after });
  }

  progress(): Answer<Progress> {
    return this.#get("/api/v1/account/progress", this.#language);
  }

  leaderboard(query: BoardQuery): Answer<Leaderboard> {
    return this.#get("/api/v1/leaderboard", { ...query, limit: "100" });
  }

  get #language(): { readonly lang: string } {
    return { lang: settings.language };
  }

  #get<T>(path: string, values: Readonly<Record<string, string>> = {}): Answer<T> {
    return this.#transport.json({ method: "GET", path: path + queryOf(values) });
  }

  #post<T>(path: string, json: unknown): Answer<T> {
    return this.#transport.json({ method: "POST", path, json, timeout_ms: run_timeout_ms });
  }
}

/** All questions that one may see, by number. */
export async function allQuestions(api: Pick<ChallengesApi, "questions">): Answer<readonly QuestionBrief[]> {
  const questions: QuestionBrief[] = [];
  let after = "";
  for (let page = 0; page < pages_max; ++page) {
    const list = await api.questions(everything, after, page_size_max);
    if (!list.ok) return list;
    questions.push(...list.value.questions);
    if (list.value.next === null) break;
    after = list.value.next;
  }
  return succeed(questions);
}
