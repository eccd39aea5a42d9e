// From a file's name to CodeMirror's language for it, loaded only when such a file is opened.

import { StreamLanguage, type LanguageSupport, type StreamParser } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

type Loader = () => Promise<Extension>;

const legacy = (parser: StreamParser<unknown>): Extension => StreamLanguage.define(parser);
const support = (load: () => Promise<LanguageSupport>): Loader => load;

const javascript = (options: { jsx?: boolean; typescript?: boolean }): Loader =>
  support(async () => (await import("@codemirror/lang-javascript")).javascript(options));
const cpp = support(async () => (await import("@codemirror/lang-cpp")).cpp());
const python = support(async () => (await import("@codemirror/lang-python")).python());
const html = support(async () => (await import("@codemirror/lang-html")).html());
const yaml = support(async () => (await import("@codemirror/lang-yaml")).yaml());
const markdown = support(async () => (await import("@codemirror/lang-markdown")).markdown());
const shell: Loader = async () => legacy((await import("@codemirror/legacy-modes/mode/shell")).shell);
const dockerfile: Loader = async () => legacy((await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile);
const toml: Loader = async () => legacy((await import("@codemirror/legacy-modes/mode/toml")).toml);
const properties: Loader = async () => legacy((await import("@codemirror/legacy-modes/mode/properties")).properties);

const by_extension: Readonly<Record<string, Loader>> = {
  py: python,
  js: javascript({ jsx: true }),
  mjs: javascript({ jsx: true }),
  jsx: javascript({ jsx: true }),
  ts: javascript({ typescript: true }),
  tsx: javascript({ jsx: true, typescript: true }),
  json: async () => (await import("@codemirror/lang-json")).json(),
  sql: async () => (await import("@codemirror/lang-sql")).sql(),
  c: cpp,
  h: cpp,
  cc: cpp,
  cpp,
  hpp: cpp,
  java: async () => (await import("@codemirror/lang-java")).java(),
  go: async () => (await import("@codemirror/lang-go")).go(),
  rs: async () => (await import("@codemirror/lang-rust")).rust(),
  html,
  htm: html,
  svg: html,
  xml: html,
  css: async () => (await import("@codemirror/lang-css")).css(),
  md: markdown,
  markdown,
  yaml,
  yml: yaml,
  sh: shell,
  bash: shell,
  toml,
  ini: properties,
  conf: properties,
  cfg: properties,
};

const by_name: Readonly<Record<string, Loader>> = {
  Dockerfile: dockerfile,
  ".bashrc": shell,
  ".profile": shell,
  ".bash_profile": shell,
};

/** The language of the file called `name`, or none. */
export async function languageOf(name: string): Promise<Extension> {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const load = by_name[name] ?? by_extension[extension];
  return load === undefined ? [] : load();
}
