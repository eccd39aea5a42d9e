// Selection: the cells that are chosen, as a rectangle from where it began to where it is now.

export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Selection {
  readonly anchor: Place;
  /** Where the keyboard is; the rectangle's other corner. */
  readonly head: Place;
}

export interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** The first and the last row and column, all of them inside. */
export function rectangleOf({ anchor, head }: Selection): Rectangle {
  return {
    top: Math.min(anchor.row, head.row),
    bottom: Math.max(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    right: Math.max(anchor.column, head.column),
  };
}

export function isInside({ top, bottom, left, right }: Rectangle, row: number, column: number): boolean {
  return top <= row && row <= bottom && left <= column && column <= right;
}

export interface Extent {
  readonly rows: number;
  readonly columns: number;
  /** Rows that are seen at a time. */
  readonly page: number;
}

const clamp = (value: number, count: number): number => Math.min(Math.max(value, 0), Math.max(0, count - 1));

type Step = (head: Place, far: boolean, extent: Extent) => Place;

const steps: ReadonlyMap<string, Step> = new Map<string, Step>([
  ["ArrowUp", ({ row, column }, far) => ({ row: far ? 0 : row - 1, column })],
  ["ArrowDown", ({ row, column }, far, { rows }) => ({ row: far ? rows : row + 1, column })],
  ["ArrowLeft", ({ row, column }, far) => ({ row, column: far ? 0 : column - 1 })],
  ["ArrowRight", ({ row, column }, far, { columns }) => ({ row, column: far ? columns : column + 1 })],
  ["PageUp", ({ row, column }, _far, { page }) => ({ row: row - page, column })],
  ["PageDown", ({ row, column }, _far, { page }) => ({ row: row + page, column })],
  ["Home", ({ row }, far) => ({ row: far ? 0 : row, column: 0 })],
  ["End", ({ row }, far, { rows, columns }) => ({ row: far ? rows : row, column: columns })],
]);

export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** What `key` makes of the selection, or undefined when it is no key for that. */
export function afterKey(selection: Selection, event: Key, extent: Extent): Selection | undefined {
  const far = event.ctrlKey || event.metaKey;
  if (far && event.key.toLowerCase() === "a") {
    return { anchor: { row: 0, column: 0 }, head: { row: clamp(extent.rows, extent.rows), column: clamp(extent.columns, extent.columns) } };
  }
  const to = steps.get(event.key)?.(selection.head, far, extent);
  if (to === undefined) return undefined;
  const head = { row: clamp(to.row, extent.rows), column: clamp(to.column, extent.columns) };
  return { anchor: event.shiftKey ? selection.anchor : head, head };
}
