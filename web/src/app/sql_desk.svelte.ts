// SqlDesk: the SQL queries of one workspace, and the workbench that is loaded with the first look.
//
// Owned by WorkspacePage, above its layouts, so that a transaction outlives a look at the files.

import type { Queries, QueryPane } from "../features/sql/sql.js";
import type { Transport } from "../lib/transport.js";

export class SqlDesk {
  readonly #transport: Transport;
  readonly #sandbox_id: string;
  #queries = $state.raw<Queries | undefined>(undefined);
  #Pane = $state.raw<typeof QueryPane | undefined>(undefined);
  #unloadable = $state(false);
  #disposed = false;

  constructor(transport: Transport, sandbox_id: string) {
    this.#transport = transport;
    this.#sandbox_id = sandbox_id;
  }

  get queries(): Queries | undefined {
    return this.#queries;
  }

  get Pane(): typeof QueryPane | undefined {
    return this.#Pane;
  }

  /** Whether the workbench could not be loaded; a reload of the page helps. */
  get unloadable(): boolean {
    return this.#unloadable;
  }

  /** Whether changes would be lost with the page. */
  get in_transaction(): boolean {
    return this.#queries?.in_transaction === true;
  }

  /** Loads the workbench for a machine of `image`. Once. */
  async open(image: string): Promise<void> {
    if (this.#queries !== undefined) return;
    try {
      const sql = await import("../features/sql/sql.js");
      this.#unloadable = false;
      // Meanwhile the page may have gone, or another look have been quicker.
      if (this.#disposed || this.#Pane !== undefined) return;
      this.#Pane = sql.QueryPane;
      this.#queries = new sql.Queries(this.#transport, this.#sandbox_id, image);
    } catch {
      this.#unloadable = true;
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#queries?.dispose();
  }
}
