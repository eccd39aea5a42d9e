// Query: one tab: its text, its own session with a database, and what was run in it last.
//
// Made by Queries, and disposed with its tab.

import { say } from "../../lib/words/sql.js";
import type { Plan, SqlEngine, StatementFailure } from "../../protocol/sql.js";
import type { SqlFailure } from "../../protocol/sql_connection.js";
import { dialects } from "./editor/dialects.js";
import type { Span } from "./editor/statements.js";
import { QueryText, type Piece, type Scope } from "./editor/query_text.js";
import { Run, wordAt } from "./run.svelte.js";
import { Session, type Dial } from "./session.svelte.js";
import { openOf, targetKey, type Target } from "./targets.js";
import { unitOffset } from "./editor/offsets.js";

export type Explanation =
  | { readonly kind: "busy"; readonly begun_ms: number }
  | { readonly kind: "plan"; readonly plan: Plan; readonly source: string }
  | { readonly kind: "refused"; readonly failure: StatementFailure }
  | { readonly kind: "failed"; readonly failure: SqlFailure };

/** What the lower half shows: the result of this number in the run, or one of the other views. */
export type Output = number | "messages" | "plan" | "diagram";

export interface QueryOptions {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly target: Target;
  readonly sandbox_id: string;
  readonly dial: Dial;
  readonly changed: () => void;
  readonly ran: (run: Run) => void;
  /** The session with a registered database ended, or could not be opened: it may be gone. */
  readonly external_ended: () => void;
}

export class Query {
  readonly id: string;
  readonly title: string;
  readonly text: QueryText;
  readonly #options: QueryOptions;
  #target: Target;
  #session: Session;
  #run = $state.raw<Run | undefined>(undefined);
  #explanation = $state.raw<Explanation | undefined>(undefined);
  #output = $state<Output>("messages");
  /** Where in the text the run's own text began. */
  #run_from = 0;

  constructor(options: QueryOptions) {
    this.id = options.id;
    this.#options = options;
    this.title = options.title;
    this.#target = $state.raw(options.target);
    this.#session = $state.raw(this.#makeSession());
    this.text = new QueryText(options.text, {
      engine: options.target.engine,
      changed: options.changed,
      run: (scope) => this.run(scope),
      place: () => ({
        dialect: dialects[this.#target.engine],
        catalog: this.#session.catalog,
        complete: this.#asksCompletion(),
      }),
    });
  }

  get target(): Target {
    return this.#target;
  }

  get session(): Session {
    return this.#session;
  }

  /** Where statements run now. */
  get place(): { readonly engine: SqlEngine; readonly database: string } {
    const target = this.#target;
    if ("external" in target) return { engine: target.engine, database: target.external };
    // USE changes it, which the catalog tells.
    const current = this.#session.catalog?.database ?? this.#session.server?.database;
    const database = target.engine === "sqlite" ? target.database : current;
    return { engine: target.engine, database: database ?? "" };
  }

  get last_run(): Run | undefined {
    return this.#run;
  }

  get explanation(): Explanation | undefined {
    return this.#explanation;
  }

  get output(): Output {
    return this.#output;
  }

  set output(output: Output) {
    this.#output = output;
  }

  get running(): boolean {
    return this.#run?.running === true || this.#explanation?.kind === "busy";
  }

  /** When what runs has begun, as performance.now() counts. */
  get begun_ms(): number | undefined {
    if (this.#explanation?.kind === "busy") return this.#explanation.begun_ms;
    return this.#run?.running === true ? this.#run.begun_ms : undefined;
  }

  run(scope: Scope): void {
    const piece = this.#take(scope);
    if (piece === undefined) return;
    this.#run?.forget();
    const run = new Run(this.#session.connection, piece.text, {
      resulted: () => (this.#output = 0),
      failed: (failure, place) => {
        this.text.markError({ from: piece.from + place.from, to: piece.from + place.to }, failure.message);
        this.#output = "messages";
      },
      ended: (ended) => this.#ended(ended),
    });
    this.#run = run;
    this.#run_from = piece.from;
    this.#output = "messages";
    run.start();
  }

  async explain(analyze: boolean): Promise<void> {
    const piece = this.#take("statement");
    if (piece === undefined) return;
    this.#output = "plan";
    this.#explanation = { kind: "busy", begun_ms: performance.now() };
    const session = this.#session;
    const answer = await session.connection.explain(piece.text, analyze);
    if (session !== this.#session) return;
    if (!answer.ok) {
      this.#explanation = { kind: "failed", failure: answer.error };
    } else if ("plan" in answer.value) {
      this.#explanation = { kind: "plan", plan: answer.value.plan, source: piece.text };
    } else {
      this.#refused(answer.value.refused, piece);
    }
  }

  cancel(): void {
    if (this.#run?.running === true) this.#run.cancel();
    else this.#session.connection.cancel();
  }

  /** Puts the cursor where the last run failed, which is at `place` of what was sent. */
  showError(place: Span): void {
    this.text.goTo(this.#run_from + place.from);
  }

  /** Goes on with another database: a new session, in which nothing has been run. */
  setTarget(target: Target): void {
    if (targetKey(target) === targetKey(this.#target)) return;
    this.#session.dispose();
    this.#target = target;
    this.#session = this.#makeSession();
    this.#run = undefined;
    this.#explanation = undefined;
    this.#output = "messages";
    this.text.clearErrors();
    this.text.setEngine(target.engine);
    this.#session.begin();
    this.#options.changed();
  }

  dispose(): void {
    this.#session.dispose();
  }

  #makeSession(): Session {
    const session = new Session(this.#options.dial, openOf(this.#target, this.#options.sandbox_id));
    session.whenLost(() => {
      for (const result of this.#run?.results ?? []) result.lose({ code: "lost", message: "" });
    });
    if ("external" in this.#target) session.whenEnded(this.#options.external_ended);
    return session;
  }

  #asksCompletion(): Session["connection"]["complete"] | undefined {
    const { connection } = this.#session;
    return connection.state.kind === "open" ? connection.complete.bind(connection) : undefined;
  }

  #take(scope: Scope): Piece | undefined {
    if (this.running) return undefined;
    this.text.clearErrors();
    const piece = this.text.piece(scope);
    return piece === undefined || piece.text.trim() === "" ? undefined : piece;
  }

  #ended(run: Run): void {
    if (run.done !== undefined) this.#session.transaction = run.done.transaction;
    if (run.changed_catalog && this.#session.state.kind === "open") void this.#session.describe();
    this.#options.ran(run);
  }

  #refused(failure: StatementFailure, piece: Piece): void {
    this.#explanation = { kind: "refused", failure };
    const at = failure.position === undefined ? undefined : unitOffset(piece.text, failure.position);
    const place = at === undefined ? { from: 0, to: piece.text.length } : wordAt(piece.text, at);
    this.text.markError({ from: piece.from + place.from, to: piece.from + place.to }, failure.message);
  }
}

/** The title of the tab that is opened as number `number`. */
export const queryTitle = (number: number): string => say("query.title", { number });
