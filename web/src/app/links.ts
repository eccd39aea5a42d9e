// followLinks(): links to pages of this site are followed without a reload.

import { parseRoute, type Router } from "./router.svelte.js";

const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

function linkOf(event: MouseEvent): HTMLAnchorElement | undefined {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  return link === null || link.target !== "" || link.hasAttribute("download") ? undefined : link;
}

function pagePath(event: MouseEvent): string | undefined {
  const link = linkOf(event);
  if (link === undefined || event.defaultPrevented || !isPlain(event)) return undefined;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || parseRoute(url.pathname).page === "nowhere") return undefined;
  // A place on this page is the browser's to find.
  if (url.pathname === location.pathname && url.hash !== "") return undefined;
  return url.pathname + url.search + url.hash;
}

/** Follows links until the result is called. At the window: a component's own handler comes before. */
export function followLinks(router: Router): () => void {
  const follow = (event: MouseEvent): void => {
    const path = pagePath(event);
    if (path === undefined) return;
    event.preventDefault();
    router.go(path);
  };
  window.addEventListener("click", follow);
  return () => window.removeEventListener("click", follow);
}
