// Site: the long-lived objects of the page, handed to every page that is shown.

import type { Api } from "../lib/api.js";
import type { Machines } from "../lib/machines.svelte.js";
import type { Session } from "../lib/session.svelte.js";
import type { Router } from "./router.svelte.js";

export interface Site {
  readonly api: Api;
  readonly machines: Machines;
  readonly router: Router;
  readonly session: Session;
}

/** Loads `path` anew: what the page knows belongs to whoever used it before. */
export function startOver(path: string): void {
  location.assign(path);
  // The same page with another fragment would only be scrolled.
  if (new URL(path, location.href).pathname === location.pathname) location.reload();
}
