// arrival(): where the focus goes when another page is shown without a reload.

import type { Attachment } from "svelte/attachments";
import { untrack } from "svelte";

import type { Router } from "./router.svelte.js";

/** For a page's <main>: a screen reader goes on there instead of at the top of nothing. */
export const arrival =
  (router: Router): Attachment<HTMLElement> =>
  (main) => {
    if (untrack(() => router.moved)) main.focus();
  };
