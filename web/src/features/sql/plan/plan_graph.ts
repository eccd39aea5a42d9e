// PlanGraph: a plan as a picture: its steps as boxes from the tables on the left to the result on
// the right, what each costs by itself, and where the database expected other numbers of rows.

import type { Plan, PlanNode } from "../../../protocol/sql.js";
import { layOut, type Layout } from "../layout.js";

export interface Step {
  readonly id: string;
  readonly node: PlanNode;
  readonly parent: string | undefined;
  /** Of the total, without what the steps below take; undefined when the database gives no numbers. */
  readonly share: number | undefined;
  /** Actual rows by expected rows, where they are far from each other. */
  readonly misjudged: number | undefined;
}

export interface PlanGraph {
  readonly steps: readonly Step[];
  readonly layout: Layout;
  /** What the shares are of. */
  readonly measure: "time" | "cost" | undefined;
}

export const step_width = 212;
export const step_height = 84;
/** A larger plan is read as text: nobody finds their way in such a picture. */
export const steps_max = 300;
/** How far from the truth an estimate may be. */
const misjudged_factor = 10;

type Measure = (node: PlanNode) => number | null;
const measures: Readonly<Record<"time" | "cost", Measure>> = {
  time: (node) => node.actual_ms,
  cost: (node) => node.cost,
};

/** What `node` took with the steps below it; where the database does not say, what those took. */
function spentOf(node: PlanNode, measure: Measure): number {
  return measure(node) ?? node.children.reduce((sum, child) => sum + spentOf(child, measure), 0);
}

function ownOf(node: PlanNode, measure: Measure): number {
  const below = node.children.reduce((sum, child) => sum + spentOf(child, measure), 0);
  return Math.max(0, spentOf(node, measure) - below);
}

function misjudgedBy({ rows, actual_rows }: PlanNode): number | undefined {
  if (rows === null || actual_rows === null) return undefined;
  const factor = Math.max(actual_rows, 1) / Math.max(rows, 1);
  return factor >= misjudged_factor || factor <= 1 / misjudged_factor ? factor : undefined;
}

export function countSteps(node: PlanNode): number {
  return node.children.reduce((sum, child) => sum + countSteps(child), 1);
}

function measureOf({ root, analyzed }: Plan): "time" | "cost" | undefined {
  if (analyzed && (root.actual_ms ?? 0) > 0) return "time";
  return (root.cost ?? 0) > 0 ? "cost" : undefined;
}

export function planGraph(plan: Plan): PlanGraph {
  const measure = measureOf(plan);
  const steps: Step[] = [];
  const add = (node: PlanNode, parent: string | undefined): void => {
    const id = String(steps.length);
    steps.push({ id, node, parent, share: measure && ownOf(node, measures[measure]), misjudged: misjudgedBy(node) });
    for (const child of node.children) add(child, id);
  };
  add(plan.root, undefined);
  // Of the sum, not of the root: steps that run beside each other may together take longer.
  const total = steps.reduce((sum, { share }) => sum + (share ?? 0), 0);
  const shared = steps.map((step) => (step.share === undefined ? step : { ...step, share: total > 0 ? step.share / total : 0 }));
  const layout = layOut(
    shared.map(({ id }) => ({ id, width: step_width, height: step_height })),
    shared.flatMap(({ id, parent }) => (parent === undefined ? [] : [{ from: parent, to: id }])),
    { direction: "RL", between_layers: 44, between_boxes: 20 },
  );
  return { steps: shared, layout, measure };
}
