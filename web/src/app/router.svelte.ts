// The router: the page's address as a value, and how to go elsewhere without a reload.
//
// Each entry of the browser's history carries its number. So when a guard holds the page back, a
// step that the browser has made already can be taken back, and made again when the user agrees.

const admin_parts = ["users", "invitations", "quotas", "databases", "audit", "system"] as const;
export type AdminPart = (typeof admin_parts)[number];

/** What of a machine is shown: its files and terminals, or its databases. */
export type WorkspaceView = "desk" | "sql";

export type Route =
  | { readonly page: "home" }
  | { readonly page: "sign_in" }
  | { readonly page: "welcome" }
  | { readonly page: "join" }
  | { readonly page: "account" }
  | { readonly page: "classes" }
  | { readonly page: "questions" }
  | { readonly page: "leaderboard" }
  | { readonly page: "schemas" }
  | { readonly page: "nowhere" }
  | { readonly page: "workspace"; readonly sandbox_id: string; readonly view: WorkspaceView }
  | { readonly page: "class"; readonly class_id: string }
  | { readonly page: "class_progress"; readonly class_id: string }
  | { readonly page: "question"; readonly number: number }
  | { readonly page: "statistics"; readonly number: number }
  /** Without a number or an id: a new one. */
  | { readonly page: "question_edit"; readonly number: number | undefined }
  | { readonly page: "schema_edit"; readonly schema_id: string | undefined }
  | { readonly page: "admin"; readonly part: AdminPart };

const plain_pages: ReadonlyMap<string, Route> = new Map([
  ["/", { page: "home" }],
  ["/index.html", { page: "home" }],
  ["/sign-in", { page: "sign_in" }],
  ["/welcome", { page: "welcome" }],
  ["/join", { page: "join" }],
  ["/account", { page: "account" }],
  ["/classes", { page: "classes" }],
  ["/questions", { page: "questions" }],
  ["/questions/new", { page: "question_edit", number: undefined }],
  ["/schemas", { page: "schemas" }],
  ["/schemas/new", { page: "schema_edit", schema_id: undefined }],
  ["/leaderboard", { page: "leaderboard" }],
  ["/admin", { page: "admin", part: "users" }],
  ...admin_parts.map((part): [string, Route] => [`/admin/${part}`, { page: "admin", part }]),
]);

/** Pages of one thing each, whose name is in the address. */
const named_pages: readonly (readonly [RegExp, (name: string) => Route])[] = [
  [/^\/machines\/([a-z2-7]{26})$/, (sandbox_id) => ({ page: "workspace", sandbox_id, view: "desk" })],
  [/^\/machines\/([a-z2-7]{26})\/sql$/, (sandbox_id) => ({ page: "workspace", sandbox_id, view: "sql" })],
  [/^\/classes\/([a-z2-7]{26})$/, (class_id) => ({ page: "class", class_id })],
  [/^\/classes\/([a-z2-7]{26})\/progress$/, (class_id) => ({ page: "class_progress", class_id })],
  [/^\/questions\/([1-9]\d{0,14})$/, (number) => ({ page: "question", number: Number(number) })],
  [/^\/questions\/([1-9]\d{0,14})\/statistics$/, (number) => ({ page: "statistics", number: Number(number) })],
  [/^\/questions\/([1-9]\d{0,14})\/edit$/, (number) => ({ page: "question_edit", number: Number(number) })],
  [/^\/schemas\/([a-z0-9-]{1,64})\/edit$/, (schema_id) => ({ page: "schema_edit", schema_id })],
];

/** The page at `path`, which may end with a slash. */
export function parseRoute(path: string): Route {
  const known = path === "/" ? path : path.replace(/\/$/, "");
  const plain = plain_pages.get(known);
  if (plain !== undefined) return plain;
  for (const [shape, route] of named_pages) {
    const name = shape.exec(known)?.[1];
    if (name !== undefined) return route(name);
  }
  return { page: "nowhere" };
}

/** Whether both are the same page, which keeps what it holds: nobody leaves it between them. */
function isSamePage(one: Route, other: Route): boolean {
  if (one.page !== "workspace" || other.page !== "workspace") return false;
  return one.sandbox_id === other.sandbox_id;
}

/** True when the page may be left now; else it calls `leave` once it may. */
export type Guard = (leave: () => void) => boolean;

/** The part of `window` that the router uses. */
export interface RouterHost {
  readonly location: { readonly pathname: string };
  readonly history: Pick<History, "state" | "pushState" | "replaceState" | "go">;
  addEventListener(type: "popstate", listener: () => void): void;
  scrollTo(x: number, y: number): void;
}

function entryOf(state: unknown): number | undefined {
  if (typeof state !== "object" || state === null || !("entry" in state)) return undefined;
  return typeof state.entry === "number" ? state.entry : undefined;
}

export class Router {
  readonly #host: RouterHost;
  #route: Route = $state.raw({ page: "nowhere" });
  #moved = $state(false);
  #entry: number;
  #guard: Guard | undefined;
  #step: "asked" | "returning" | "allowed" = "asked";

  constructor(host: RouterHost = window) {
    this.#host = host;
    this.#route = parseRoute(host.location.pathname);
    this.#entry = entryOf(host.history.state) ?? 0;
    host.history.replaceState({ entry: this.#entry }, "");
    host.addEventListener("popstate", () => this.#stepped());
  }

  get route(): Route {
    return this.#route;
  }

  /** Whether the page that is shown was come to from another one, without a reload. */
  get moved(): boolean {
    return this.#moved;
  }

  /** Asks `guard` before the page goes elsewhere, until the result is called. */
  hold(guard: Guard): () => void {
    this.#guard = guard;
    return () => {
      if (this.#guard === guard) this.#guard = undefined;
    };
  }

  go(path: string): void {
    const stays = isSamePage(this.#route, parseRoute(path.replace(/[?#].*$/, "")));
    if (stays || this.#guard?.(() => this.leave(path)) !== false) this.leave(path);
  }

  /** Goes to `path` in the place of this page, to which Back then does not lead. */
  replace(path: string): void {
    this.#host.history.replaceState({ entry: this.#entry }, "", path);
    this.#show();
  }

  /** Goes to `path` whatever a guard would say. */
  leave(path: string): void {
    this.#entry += 1;
    this.#host.history.pushState({ entry: this.#entry }, "", path);
    this.#show();
    this.#host.scrollTo(0, 0);
  }

  #stepped(): void {
    const step = this.#step;
    this.#step = "asked";
    if (step === "returning") return;
    const entry = entryOf(this.#host.history.state);
    if (entry === undefined) return this.#adopt();
    const by = entry - this.#entry;
    const again = (): void => {
      this.#step = "allowed";
      this.#host.history.go(by);
    };
    const stays = isSamePage(this.#route, parseRoute(this.#host.location.pathname));
    if (by === 0 || stays || step === "allowed" || this.#guard?.(again) !== false) {
      this.#entry = entry;
      this.#show();
      return;
    }
    this.#step = "returning";
    this.#host.history.go(-by);
  }

  /** An entry that the browser made: a link to a place on this page. */
  #adopt(): void {
    this.#entry += 1;
    this.#host.history.replaceState({ entry: this.#entry }, "");
    this.#show();
  }

  #show(): void {
    const route = parseRoute(this.#host.location.pathname);
    if (JSON.stringify(route) === JSON.stringify(this.#route)) return;
    this.#route = route;
    this.#moved = true;
  }
}
