// t(): the words of the page in the chosen language, from messages.ts.
//
// Reading it in a component makes that follow a change of the language. What only a part of the
// pages says is in words/, one file a feature, which is loaded with that feature.

import { untrack } from "svelte";

import { fill, type Values } from "./fill.js";
import { messages, type Message, type MessageKey } from "./messages.js";
import { settings } from "./settings.svelte.js";

export type { MessageKey } from "./messages.js";

export type Translate<Key extends string> = (key: Key, values?: Values) => string;

/** A function like t() for the words of one feature. */
export function translator<Key extends string>(words: Readonly<Record<Key, Message>>): Translate<Key> {
  return (key, values = {}) => fill(words[key][settings.language], values);
}

/** For a component: runs `action` now and whenever the language changes, to read anew what has one. */
export function inEveryLanguage(action: () => void): void {
  $effect(() => {
    if (settings.language.length > 0) untrack(action);
  });
}

/** The message `key` in the page's language, filled with `values`. */
export const t: Translate<MessageKey> = translator(messages);
