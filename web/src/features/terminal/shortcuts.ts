// Shortcuts of the terminal pane. They begin with Alt+Shift, which shells and editors leave alone;
// only finding is where other terminals have it. The physical key counts, on every keyboard layout.

export type Shortcut = "open" | "close" | "previous" | "next" | "leave" | "find";

const by_code: Readonly<Record<string, Shortcut>> = {
  KeyN: "open",
  KeyW: "close",
  ArrowLeft: "previous",
  ArrowRight: "next",
  KeyM: "leave",
};

export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey && event.code === "KeyF") return "find";
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return undefined;
  return by_code[event.code];
}
