// Uploads: what is on its way from the user's computer to one machine, one file after another.
//
// A failure stops the queue and keeps it, so that a retry
// goes on where it stopped; cancel() ends all of it. Files that are there already are not touched.

import { makeFailure, type Api, type Failure } from "../../lib/api.js";
import { joinPath, parentPath } from "../../lib/format.js";
import type { Upload } from "./collect.js";
import { existingFiles, FolderMaker } from "./folders.js";
import { patiently } from "./patience.js";

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly sent_bytes: number;
  readonly total_bytes: number;
}

export class Uploads {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #folders: FolderMaker;
  #queue: Upload[] = [];
  #controller = new AbortController();
  #running = false;
  /** The bytes of the files that are done; those of the one on its way come on top. */
  #done_bytes = 0;
  #bytes_max: number | undefined;
  #progress = $state.raw<Progress | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);

  constructor(api: Api, sandbox_id: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
    this.#folders = new FolderMaker(api, sandbox_id);
  }

  /** While something is on its way or has stopped on it. */
  get progress(): Progress | undefined {
    return this.#progress;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The files of `uploads` that are below `folder` already. */
  existing(folder: string, uploads: readonly Upload[]): Promise<readonly string[]> {
    return existingFiles(this.#api, this.#sandbox_id, folder, uploads);
  }

  /** Sends `uploads` to `folder` behind what is on its way; ends when the queue is empty or stopped. */
  async run(folder: string, uploads: readonly Upload[]): Promise<void> {
    const before = this.#progress ?? { done: 0, total: 0, sent_bytes: 0, total_bytes: 0 };
    this.#folders.knows(folder);
    this.#queue.push(...uploads.map(({ file, path }) => ({ file, path: joinPath(folder, path) })));
    this.#progress = {
      ...before,
      total: before.total + uploads.length,
      total_bytes: uploads.reduce((sum, { file }) => sum + (file?.size ?? 0), before.total_bytes),
    };
    await this.#work();
  }

  /** Goes on with what failed. */
  async retry(): Promise<void> {
    this.#failure = undefined;
    await this.#work();
  }

  cancel(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#queue = [];
    this.#failure = undefined;
    this.#forget();
  }

  /** Something could not be read here; nothing was sent. */
  report(failure: Failure): void {
    this.#failure = failure;
  }

  async #work(): Promise<void> {
    if (this.#running || this.#failure !== undefined) return;
    this.#running = true;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const { signal } = this.#controller;
      const failure = await this.#send(next, signal);
      if (signal.aborted) continue;
      if (failure !== undefined) {
        this.#failure = failure;
        break;
      }
      this.#queue.shift();
      this.#advance(next.file?.size ?? 0);
    }
    this.#running = false;
    if (this.#failure === undefined) this.#forget();
  }

  #forget(): void {
    this.#progress = undefined;
    this.#done_bytes = 0;
    this.#folders.forget();
  }

  #advance(bytes: number): void {
    const now = this.#progress;
    this.#done_bytes += bytes;
    if (now !== undefined) this.#progress = { ...now, done: now.done + 1, sent_bytes: this.#done_bytes };
  }

  async #send({ file, path }: Upload, signal: AbortSignal): Promise<Failure | undefined> {
    const folder_failure = await this.#folders.make(file === undefined ? path : parentPath(path), signal);
    if (folder_failure !== undefined || file === undefined) return folder_failure;
    if (file.size > (await this.#limit())) return makeFailure("too_large", undefined, path);
    const progress = (sent: number): void => {
      const sent_bytes = this.#done_bytes + Math.min(sent, file.size);
      if (this.#progress !== undefined && !signal.aborted) this.#progress = { ...this.#progress, sent_bytes };
    };
    const written = await patiently(signal, () =>
      this.#api.writeFile(this.#sandbox_id, path, file, { signal, progress }),
    );
    return written.ok ? undefined : { ...written.error, message: `${path} ${written.error.message}`.trim() };
  }

  async #limit(): Promise<number> {
    if (this.#bytes_max === undefined) {
      const status = await this.#api.status();
      if (status.ok) this.#bytes_max = status.value.upload_bytes_max;
    }
    return this.#bytes_max ?? Infinity;
  }
}
