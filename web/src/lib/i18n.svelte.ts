// t(): the words of the page in the chosen language, from messages.ts.
//
// Reading it in a component makes that follow a change of the language.

import { fill, type Values } from "./fill.js";
import { messages, type MessageKey } from "./messages.js";
import { settings } from "./settings.svelte.js";

export type { MessageKey } from "./messages.js";

/** The message `key` in the page's language, filled with `values`. */
export function t(key: MessageKey, values: Values = {}): string {
  return fill(messages[key][settings.language], values);
}
