// What this browser's user prefers: language, theme, and whether a screen reader reads terminals.
//
// Kept in localStorage; public/start.js applies theme and language before the first paint, so both
// files must agree on the keys. Without storage (private mode) the choice lasts for the page.

export type Language = "en" | "zh";
export type ThemeChoice = "system" | "light" | "dark";

const keys = { language: "paddock.language", theme: "paddock.theme", reader: "paddock.reader" } as const;

function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice then ends with the page, which is what such a browser promises.
  }
}

function initialLanguage(): Language {
  const stored = load(keys.language);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function initialTheme(): ThemeChoice {
  const stored = load(keys.theme);
  return stored === "light" || stored === "dark" ? stored : "system";
}

class Settings {
  #language = $state<Language>(initialLanguage());
  #theme = $state<ThemeChoice>(initialTheme());
  #reader = $state(load(keys.reader) === "on");
  #system_dark = $state(false);
  #chosen: () => void = () => undefined;

  constructor() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.#system_dark = dark.matches;
    dark.addEventListener("change", (event) => (this.#system_dark = event.matches));
  }

  /** Calls `chosen` when the user chooses a language or a theme on this page. */
  listen(chosen: () => void): void {
    this.#chosen = chosen;
  }

  /** What the user has chosen before, in another browser. */
  adopt(language: Language | undefined, theme: ThemeChoice | undefined): void {
    const chosen = this.#chosen;
    this.#chosen = () => undefined;
    if (language !== undefined) this.language = language;
    if (theme !== undefined) this.theme = theme;
    this.#chosen = chosen;
  }

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    store(keys.language, language);
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    this.#chosen();
  }

  get theme(): ThemeChoice {
    return this.#theme;
  }

  set theme(theme: ThemeChoice) {
    this.#theme = theme;
    store(keys.theme, theme);
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    this.#chosen();
  }

  /** What is really shown. */
  get dark(): boolean {
    return this.#theme === "system" ? this.#system_dark : this.#theme === "dark";
  }

  get reader(): boolean {
    return this.#reader;
  }

  set reader(reader: boolean) {
    this.#reader = reader;
    store(keys.reader, reader ? "on" : "off");
  }
}

export const settings = new Settings();
