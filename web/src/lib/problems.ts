// From the server's sentence about a field to the same in the page's language.
//
// The API gives the sentence and not its parts; the sentences are closed sets, in words/problems.ts and, of
// documents that people write, in words/document_problems.ts.

import { fill } from "./fill.js";
import type { Message } from "./messages.js";
import type { Language } from "./settings.svelte.js";
import { document_problems, document_terms } from "./words/document_problems.js";
import { problems } from "./words/problems.js";

interface Known {
  readonly shape: RegExp;
  readonly message: Message;
}

const escaped = (text: string): string => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");

/** The sentence as an expression, whose groups are what the server puts in. */
const shapeOf = (sentence: string): RegExp =>
  new RegExp(`^${escaped(sentence).replace(/\{(\w)\}/g, "(?<$1>.+?)")}$`, "su");

const knownOf = (messages: readonly Message[]): readonly Known[] =>
  messages.map((message) => ({ shape: shapeOf(message.en), message }));

const of_fields = knownOf(problems);
const of_documents = knownOf(document_problems);
const terms = knownOf(document_terms);

function translated(said: string, language: Language, known: readonly Known[], parts: readonly Known[]): string {
  for (const { shape, message } of known) {
    const found = shape.exec(said);
    if (found === null) continue;
    const said_parts = Object.entries(found.groups ?? {}).map(([name, part]) => [name, translated(part, language, parts, [])]);
    return fill(message[language], Object.fromEntries(said_parts) as Record<string, string>);
  }
  return said;
}

/** `said` (after the field's name) in `language`; as it is when nobody here has heard it. */
export const problemIn = (said: string, language: Language): string => translated(said, language, of_fields, []);

/** The same of what is wrong with the document of a question or of its database. */
export const documentProblemIn = (said: string, language: Language): string =>
  translated(said, language, of_documents, terms);
