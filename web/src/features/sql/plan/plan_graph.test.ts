import { describe, expect, it } from "vitest";

import type { Plan, PlanNode } from "../../../protocol/sql.js";
import { curve, layOut } from "../layout.js";
import { countSteps, planGraph } from "./plan_graph.js";

const node = (operation: string, numbers: Partial<PlanNode> = {}, children: readonly PlanNode[] = []): PlanNode => ({
  operation,
  object: "",
  cost: null,
  rows: null,
  actual_rows: null,
  actual_ms: null,
  loops: null,
  details: [],
  ...numbers,
  children,
});
const plan = (root: PlanNode, analyzed = false): Plan => ({ root, analyzed, planning_ms: null, execution_ms: null, text: "" });

describe("the picture of a plan", () => {
  it("gives each step what it costs without the steps below", () => {
    const { steps, measure } = planGraph(
      plan(node("Hash Join", { cost: 100 }, [node("Seq Scan", { cost: 60 }), node("Hash", { cost: 30 }, [node("Seq Scan", { cost: 30 })])])),
    );
    expect(measure).toBe("cost");
    expect(steps.map(({ node: { operation }, share }) => [operation, share])).toEqual([
      ["Hash Join", 0.1],
      ["Seq Scan", 0.6],
      ["Hash", 0],
      ["Seq Scan", 0.3],
    ]);
  });

  it("counts the time of what was run, and the cost of what was not", () => {
    const root = node("Sort", { cost: 10, actual_ms: 4 }, [node("Scan", { cost: 9, actual_ms: 1 })]);
    expect(planGraph(plan(root, true))).toMatchObject({ measure: "time", steps: [{ share: 0.75 }, { share: 0.25 }] });
    expect(planGraph(plan(root)).steps.map(({ share }) => share)).toEqual([0.1, 0.9]);
  });

  it("looks through steps of which the database does not say what they took", () => {
    const root = node("query block", { cost: 10 }, [node("filesort", {}, [node("nested loop", {}, [node("ALL", { cost: 6 }), node("ref", { cost: 4 })])])]);
    expect(planGraph(plan(root)).steps.map(({ share }) => share)).toEqual([0, 0, 0, 0.6, 0.4]);
  });

  it("does without numbers, as SQLite gives none", () => {
    const graph = planGraph(plan(node("QUERY PLAN", {}, [node("SCAN")])));
    expect([graph.measure, graph.steps.map(({ share }) => share)]).toEqual([undefined, [undefined, undefined]]);
  });

  it("marks estimates that are far from the truth, either way", () => {
    const factor = (rows: number, actual_rows: number): number | undefined =>
      planGraph(plan(node("Scan", { rows, actual_rows }), true)).steps[0]?.misjudged;
    expect([factor(1, 1_000), factor(1_000, 1), factor(100, 500), factor(1, 0)]).toEqual([1_000, 0.001, undefined, undefined]);
  });

  it("stands from the tables on the left to the result on the right, no box on another", () => {
    const children = Array.from({ length: 5 }, (_, at) => node(`Scan ${at}`));
    const { steps, layout } = planGraph(plan(node("Append", {}, children)));
    const places = steps.map(({ id }) => layout.boxes.get(id) ?? { x: NaN, y: NaN });
    expect(places.slice(1).every(({ x }) => x < (places[0]?.x ?? 0))).toBe(true);
    expect(new Set(places.map(({ x, y }) => `${x},${y}`)).size).toBe(6);
    expect(layout.lines).toHaveLength(5);
    expect(countSteps(plan(node("Append", {}, children)).root)).toBe(6);
  });
});

describe("layOut", () => {
  it("puts boxes without a line in rows below the others", () => {
    const boxes = ["a", "b", ...Array.from({ length: 9 }, (_, at) => `loose${at}`)].map((id) => ({ id, width: 200, height: 100 }));
    const { boxes: places, width, height } = layOut(boxes, [{ from: "a", to: "b" }], { direction: "LR", between_layers: 40, between_boxes: 20 });
    const bottom = (places.get("a")?.y ?? 0) + 100;
    for (const { id } of boxes.slice(2)) expect(places.get(id)?.y).toBeGreaterThan(bottom);
    for (const { x, y } of places.values()) expect([x >= 0 && x + 200 <= width, y >= 0 && y + 100 <= height]).toEqual([true, true]);
  });

  it("draws a line from a box to itself outside of it", () => {
    const spacing = { direction: "LR", between_layers: 40, between_boxes: 20 } as const;
    const { boxes, lines, width } = layOut([{ id: "a", width: 200, height: 100 }], [{ from: "a", to: "a" }], spacing);
    const { x = NaN, y = NaN } = boxes.get("a") ?? {};
    expect([lines[0]?.[0], lines[0]?.at(-1)]).toEqual([{ x: x + 200, y: y + 40 }, { x: x + 164, y }]);
    expect(lines[0]?.every((point) => point.x < width && point.y >= 0)).toBe(true);
  });

  it("lays out nothing", () => {
    expect(layOut([], [], { direction: "LR", between_layers: 40, between_boxes: 20 }).lines).toEqual([]);
  });

  it("draws a curve through the points, from the first to the last", () => {
    expect(curve([{ x: 0, y: 0 }, { x: 5, y: 5 }])).toBe("M0,0L5,5");
    expect(curve([{ x: 0, y: 0 }, { x: 5, y: 5 }, { x: 10, y: 0 }])).toBe("M0,0Q5,5 10,0");
    expect(curve([])).toBe("");
  });
});
