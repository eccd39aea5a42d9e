// From the server's sentence about a field to the same in the page's language.
//
// The API gives the sentence and not its parts; the sentences are a closed set, in words/problems.ts.

import { fill } from "./fill.js";
import type { Message } from "./messages.js";
import type { Language } from "./settings.svelte.js";
import { problems } from "./words/problems.js";

interface Known {
  readonly shape: RegExp;
  readonly message: Message;
}

const escaped = (text: string): string => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");

/** The sentence as an expression, whose groups are what the server puts in. */
const shapeOf = (sentence: string): RegExp =>
  new RegExp(`^${escaped(sentence).replace(/\{(\w)\}/g, "(?<$1>.+?)")}$`, "u");

const known: readonly Known[] = problems.map((message) => ({ shape: shapeOf(message.en), message }));

/** `said` (after the field's name) in `language`; as it is when nobody here has heard it. */
export function problemIn(said: string, language: Language): string {
  for (const { shape, message } of known) {
    const parts = shape.exec(said);
    if (parts !== null) return fill(message[language], parts.groups ?? {});
  }
  return said;
}
