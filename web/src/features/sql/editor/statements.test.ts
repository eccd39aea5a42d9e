import { sql, type SQLDialect } from "@codemirror/lang-sql";
import { EditorState } from "@codemirror/state";
import { describe, expect, it } from "vitest";

import { dialects } from "./dialects.js";
import { statementAt, statementBeingTyped, statements } from "./statements.js";

const stateOf = (doc: string, dialect: SQLDialect = dialects.postgres): EditorState =>
  EditorState.create({ doc, extensions: sql({ dialect }) });
const texts = (doc: string, dialect?: SQLDialect): string[] => {
  const state = stateOf(doc, dialect);
  return statements(state).map(({ from, to }) => state.sliceDoc(from, to));
};
/** The statement at the `|` in `doc`. */
const at = (doc: string): string | undefined => {
  const state = stateOf(doc.replace("|", ""));
  const span = statementAt(state, doc.indexOf("|"));
  return span === undefined ? undefined : state.sliceDoc(span.from, span.to);
};

describe("statements", () => {
  it("are what semicolons end, outside of strings and comments", () => {
    expect(texts("select 1; -- a; b\nselect ';' ; select 2")).toEqual(["select 1;", "select ';' ;", "select 2"]);
    expect(texts("do $$ begin; end $$; select 1")).toEqual(["do $$ begin; end $$;", "select 1"]);
    expect(texts("  \n-- nothing\n")).toEqual([]);
  });

  it("hold the body of a trigger", () => {
    const trigger = "create trigger t after insert on a begin insert into b values (1); delete from c; end;";
    expect(texts(`${trigger} select 1;`, dialects.sqlite)).toEqual([trigger, "select 1;"]);
  });

  it("go on until their semicolon while they are typed", () => {
    const typed = (doc: string): string => {
      const state = stateOf(doc.replace("|", ""));
      const { from, to } = statementBeingTyped(state, doc.indexOf("|"));
      return state.sliceDoc(from, to);
    };
    expect(typed("select 1; select * from |")).toBe("select * from ");
    expect(typed("select 1; sel|ect * from t; x")).toBe("select * from t;");
    expect(typed("select 1; |")).toBe("");
    expect(typed("|")).toBe("");
  });

  it("are found around the cursor, else before it on the line, else after it", () => {
    expect(at("select 1;\nsel|ect 2;\nselect 3;")).toBe("select 2;");
    expect(at("select 1;   |\nselect 2;")).toBe("select 1;");
    expect(at("select 1;\n\n|\nselect 2;")).toBe("select 2;");
    expect(at("select 1;\n\n|")).toBe("select 1;");
    expect(at("|")).toBeUndefined();
  });
});
