/** Where one is: the path below /SOGo/, kept in the browser's history. */

export const HOME = "/SOGo/";
export const MODULES = ["mail", "calendar", "contacts", "preferences", "administration"] as const;
export type Module = (typeof MODULES)[number];

class Route {
  #path = $state(location.pathname);
  #search = $state(location.search);

  constructor() {
    addEventListener("popstate", () => this.#look());
  }

  /** The segments below /SOGo/, decoded. */
  readonly segments = $derived(
    this.#path
      .slice(HOME.length)
      .split("/")
      .filter((one) => one !== "")
      .map(decoded),
  );
  readonly module = $derived(MODULES.find((one) => one === this.segments[0]) ?? null);
  readonly query = $derived(new URLSearchParams(this.#search));

  /** Go somewhere; `replace` leaves no trace of where one was. */
  go(segments: readonly string[], options: { query?: Record<string, string>; replace?: boolean } = {}): void {
    const url = href(segments, options.query);
    if (url === location.pathname + location.search) return;
    if (options.replace === true) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    this.#look();
  }

  #look(): void {
    this.#path = location.pathname;
    this.#search = location.search;
  }
}

export const route = new Route();

/** Return the address of a place, for links that can be opened in another tab. */
export function href(segments: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return HOME + segments.map(encodeURIComponent).join("/") + (search === "" ? "" : `?${search}`);
}

/** Follow a link to one of our own places without loading the page anew. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.origin !== location.origin || link.target !== "" || !link.pathname.startsWith(HOME)) return;
  const [module] = link.pathname.slice(HOME.length).split("/");
  if (!MODULES.some((one) => one === module)) return;
  event.preventDefault();
  route.go(link.pathname.slice(HOME.length).split("/").map(decoded), {
    query: Object.fromEntries(new URLSearchParams(link.search)),
  });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
