// TeachingApi: how learners do, and the documents that questions and schemas are made from.

import { succeed } from "../../../lib/result.js";
import type { Answer, Transport } from "../../../lib/transport.js";
import type {
  ClassProgress,
  QuestionAuthored,
  QuestionStatistics,
  SchemaAuthored,
  Validation,
} from "../../../protocol/api.generated.js";

/** A question with many answers is run often before it is kept. */
const check_timeout_ms = 60_000;

/** A document as the server has it. */
export interface Kept {
  readonly document: string;
  readonly version: number;
  /** Where it is edited from now on. */
  readonly path: string;
}

/** The documents of one kind: what the editor needs of the server. */
export interface DocumentApi {
  load(): Answer<Kept>;
  validate(document: string): Answer<Validation>;
  create(document: string): Answer<Kept>;
  replace(document: string, version: number): Answer<Kept>;
  remove(): Answer<undefined>;
}

type Authored = QuestionAuthored | SchemaAuthored;

const keptOf = (made: Authored): Kept => ({
  document: made.document,
  version: made.version,
  path: "number" in made ? `/questions/${made.number}/edit` : `/schemas/${made.id}/edit`,
});

export class TeachingApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  statistics(number: number): Answer<QuestionStatistics> {
    return this.#transport.json({ method: "GET", path: `/api/v1/questions/${number}/statistics` });
  }

  classProgress(class_id: string): Answer<ClassProgress> {
    return this.#transport.json({ method: "GET", path: `/api/v1/classes/${class_id}/progress` });
  }

  /** Of one question, or of all. */
  reset(class_id: string, user_id: string, question: number | undefined): Answer<undefined> {
    const path = `/api/v1/classes/${class_id}/progress/${user_id}/reset`;
    return this.#transport.none({ method: "POST", path, json: question === undefined ? {} : { question } });
  }

  questionDocument(number: number | undefined): DocumentApi {
    return this.#documents("question", "/api/v1/questions", `/api/v1/questions/${number ?? ""}`);
  }

  schemaDocument(id: string | undefined): DocumentApi {
    return this.#documents("schema", "/api/v1/schemas", `/api/v1/schemas/${id ?? ""}`);
  }

  #documents(kind: "question" | "schema", all: string, one: string): DocumentApi {
    const ask = async (method: "GET" | "POST" | "PUT", path: string, json?: unknown): Answer<Kept> => {
      const answer = await this.#transport.json<Authored>({ method, path, json, timeout_ms: check_timeout_ms });
      return answer.ok ? succeed(keptOf(answer.value)) : answer;
    };
    return {
      load: () => ask("GET", `${one}/document`),
      validate: (document) => this.#validate(document, kind),
      create: (document) => ask("POST", all, { document }),
      replace: (document, version) => ask("PUT", one, { document, version }),
      remove: () => this.#transport.none({ method: "DELETE", path: one }),
    };
  }

  #validate(document: string, kind: "question" | "schema"): Answer<Validation> {
    const path = "/api/v1/questions/validate";
    return this.#transport.json({ method: "POST", path, json: { document, kind }, timeout_ms: check_timeout_ms });
  }
}
