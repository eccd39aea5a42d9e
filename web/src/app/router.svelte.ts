// The router: the page's address as a value, and how to go elsewhere without a reload.

export type Route =
  | { readonly page: "home" }
  | { readonly page: "workspace"; readonly sandbox_id: string }
  | { readonly page: "nowhere" };

export function parseRoute(path: string): Route {
  if (path === "/" || path === "/index.html") return { page: "home" };
  const [, sandbox_id] = /^\/machines\/([a-z2-7]{26})\/?$/.exec(path) ?? [];
  return sandbox_id === undefined ? { page: "nowhere" } : { page: "workspace", sandbox_id };
}

export class Router {
  #route = $state.raw<Route>(parseRoute(location.pathname));

  constructor() {
    addEventListener("popstate", () => (this.#route = parseRoute(location.pathname)));
  }

  get route(): Route {
    return this.#route;
  }

  go(path: string): void {
    history.pushState(null, "", path);
    this.#route = parseRoute(path);
    scrollTo(0, 0);
  }
}

