// Shortcuts of the terminal pane. All begin with Alt+Shift, which shells and editors leave alone;
// the physical key counts, so that they work on every keyboard layout.

export type Shortcut = "open" | "close" | "previous" | "next" | "leave";

const by_code: Readonly<Record<string, Shortcut>> = {
  KeyN: "open",
  KeyW: "close",
  ArrowLeft: "previous",
  ArrowRight: "next",
  KeyM: "leave",
};

export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return undefined;
  return by_code[event.code];
}
