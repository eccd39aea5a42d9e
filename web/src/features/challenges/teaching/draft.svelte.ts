// Draft: a document that is being written: its text, what is wrong with it, and what the server has.
//
// A check of an older text that comes late is dropped. A save says which version it was made from;
// when somebody has saved another one meanwhile, `conflict` asks the user.

import type { Failure } from "../../../lib/api.js";
import type { Validation } from "../../../protocol/api.generated.js";
import type { DocumentApi, Kept } from "./teaching_api.js";

export type Saved = "created" | "changed" | undefined;

export class Draft {
  readonly #api: DocumentApi;
  #text = $state("");
  #kept = $state.raw<Kept | undefined>(undefined);
  #validation = $state.raw<Validation | undefined>(undefined);
  #checking = $state(false);
  #saving = $state(false);
  #conflict = $state(false);
  #taken = $state(false);
  #failure = $state.raw<Failure | undefined>(undefined);
  #check = 0;
  #start: string;

  constructor(api: DocumentApi, text: string) {
    this.#api = api;
    this.#text = text;
    this.#start = text;
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
  }

  get kept(): Kept | undefined {
    return this.#kept;
  }

  get dirty(): boolean {
    return this.#text !== (this.#kept?.document ?? this.#start);
  }

  /** Of the text as it was checked last. */
  get validation(): Validation | undefined {
    return this.#validation;
  }

  get checking(): boolean {
    return this.#checking;
  }

  get saving(): boolean {
    return this.#saving;
  }

  /** Somebody has saved another version since this one was read. */
  get conflict(): boolean {
    return this.#conflict;
  }

  /** A new document's id or number is another one's. */
  get taken(): boolean {
    return this.#taken;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  dismiss(): void {
    this.#failure = undefined;
    this.#taken = false;
  }

  /** Reads what the server has; what was written here is gone then. */
  async load(): Promise<void> {
    const found = await this.#api.load();
    this.#failure = found.ok ? undefined : found.error;
    if (found.ok) this.#keep(found.value, found.value.document);
  }

  async check(): Promise<void> {
    const check = ++this.#check;
    this.#checking = true;
    const answer = await this.#api.validate(this.#text);
    if (check !== this.#check) return;
    this.#checking = false;
    this.#failure = answer.ok ? undefined : answer.error;
    if (answer.ok) this.#validation = answer.value;
  }

  async save(): Promise<Saved> {
    const before = this.#kept;
    const text = this.#text;
    return this.#write(text, () =>
      before === undefined ? this.#api.create(text) : this.#api.replace(text, before.version),
    );
  }

  /** Saves over the version that somebody else has saved. */
  async overwrite(): Promise<Saved> {
    const text = this.#text;
    return this.#write(text, async () => {
      const theirs = await this.#api.load();
      return theirs.ok ? this.#api.replace(text, theirs.value.version) : theirs;
    });
  }

  /** True when it is gone. */
  async remove(): Promise<boolean> {
    const removed = await this.#api.remove();
    if (removed.ok || removed.error.code === "not_found") return true;
    this.#failure = removed.error;
    return false;
  }

  async #write(text: string, ask: () => ReturnType<DocumentApi["load"]>): Promise<Saved> {
    if (this.#saving) return undefined;
    const created = this.#kept === undefined;
    this.#saving = true;
    this.dismiss();
    const answer = await ask();
    this.#saving = false;
    if (answer.ok) {
      this.#keep(answer.value, this.#text);
      // The server may write the document its own way; what stands here is what was meant.
      this.#kept = { ...answer.value, document: text };
      return created ? "created" : "changed";
    }
    if (answer.error.code !== "conflict") this.#failure = answer.error;
    else if (created) this.#taken = true;
    else this.#conflict = true;
    return undefined;
  }

  #keep(kept: Kept, text: string): void {
    this.#kept = kept;
    this.#text = text;
    this.#conflict = false;
  }
}
