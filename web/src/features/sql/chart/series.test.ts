import { describe, expect, it } from "vitest";

import type { ColumnKind } from "../../../protocol/sql.js";
import { chartData, firstChoice } from "./series.js";

const columns = (...kinds: ColumnKind[]) => kinds.map((kind, at) => ({ name: `c${at}`, type: "", kind }));

describe("a chart", () => {
  it("chooses columns that suit it", () => {
    expect(firstChoice(columns("text", "integer", "real"))).toEqual({ kind: "bar", x: 0, y: [1] });
    expect(firstChoice(columns("integer", "time", "decimal"))).toEqual({ kind: "line", x: 1, y: [0] });
    expect(firstChoice(columns("integer", "real"))).toEqual({ kind: "line", x: 0, y: [1] });
    expect(firstChoice(columns("integer"))).toEqual({ kind: "line", x: undefined, y: [0] });
    expect(firstChoice(columns("text")).y).toEqual([]);
  });

  it("stands in the order of its axis, and leaves out what has no place there", () => {
    const rows = [["3", "30"], [null, "0"], ["1", null], ["2", "20.5"]];
    const data = chartData(columns("integer", "decimal"), rows, { kind: "line", x: 0, y: [1] });
    expect(data).toMatchObject({ axis: "number", places: [1, 2, 3], values: [[null, 20.5, 30]], left_out: 1 });
  });

  it("reads moments with and without a zone, and dates", () => {
    const rows = [["2024-01-01"], ["2024-01-01 00:00:01.5"], ["2024-01-01 01:00:02.123456+01"], ["2024-01-01T00:00:03Z"]];
    const begin = Date.UTC(2024, 0, 1) / 1000;
    const data = chartData(columns("time"), rows, { kind: "line", x: 0, y: [] });
    expect([data.axis, data.places.map((place) => Math.round((place - begin) * 1_000))]).toEqual(["time", [0, 1_500, 2_123, 3_000]]);
  });

  it("has a place for each row where the column is no number and no moment", () => {
    const data = chartData(columns("time", "integer"), [["12:30:00", "1"], [null, "2"]], { kind: "bar", x: 0, y: [1] });
    expect(data).toMatchObject({ axis: "text", places: [0, 1], labels: ["12:30:00", "NULL"], values: [[1, 2]] });
  });

  it("counts the rows where no column is across", () => {
    expect(chartData(columns("integer"), [["7"], ["x"]], { kind: "line", x: undefined, y: [0] })).toMatchObject({
      places: [1, 2],
      values: [[7, null]],
    });
  });
});
