// Templates: documents to begin with, in which only the rest is to be written.

import type { Difficulty } from "../../../protocol/api.generated.js";

export interface NewQuestion {
  readonly schema: string;
  readonly title: string;
  readonly difficulty: Difficulty;
  readonly reference: string;
}

const slug_length_max = 64;

function slugOf({ schema, title }: NewQuestion): string {
  const words = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${schema}-${words === "" ? "question" : words}`.slice(0, slug_length_max).replace(/-$/, "");
}

/** `text` as a block of lines, each with `indent`. */
const block = (text: string, indent: string): string =>
  text
    .trimEnd()
    .split(/\r\n?|\n/)
    .map((line) => indent + line)
    .join("\n");

/** A question's document. A text of JSON is one of YAML, too. */
export function questionTemplate(question: NewQuestion): string {
  const title = JSON.stringify(question.title);
  const reference = question.reference.trim() === "" ? "SELECT 1" : question.reference;
  return `id: ${slugOf(question)}
schema: ${question.schema}
title:
  en: ${title}
  zh: ${title}
description:
  en: |
    What is asked for.

    Columns: \`…\`. Order: …
  zh: |
    题目要求。

    列：\`…\`。顺序：…
difficulty: ${question.difficulty}
category: {en: "Filtering", zh: "过滤"}
hints:
  - {en: "A first step.", zh: "第一步。"}
solution:
  en: |
    Why the answer is right.
  zh: |
    为什么这样是对的。
references:
  - |-
${block(reference, "    ")}
wrong: []
`;
}

export const schema_template = `id: my-schema
title: {en: "My database", zh: "我的数据库"}
description:
  en: |
    What it is about.
  zh: |
    内容说明。
engine: sqlite
sql: |
  CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
data_sql: |
  INSERT INTO items VALUES (1, 'first'), (2, 'second');
`;
