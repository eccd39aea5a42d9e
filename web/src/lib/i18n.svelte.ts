// t(): the words of the page in the chosen language, from messages.ts.
//
// Reading it in a component makes that follow a change of the language.

import { messages, type MessageKey } from "./messages.js";
import { settings } from "./settings.svelte.js";

export type { MessageKey } from "./messages.js";

/** The message `key` with `{name}` replaced by `values.name`. */
export function t(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text = messages[key][settings.language];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
